/* Only carries the flags of pkg-config to the target CVips. */
