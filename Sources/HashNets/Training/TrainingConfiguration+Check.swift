extension TrainingConfiguration {
    /// Throws `settingInvalid` for values outside their range.
    public func check() throws {
        try ModelDescription.check(bits: bits)
        let require = LearningError.require
        try require((1...1_000_000).contains(epochs), "epochs", "is \(epochs), must be from 1 to 1000000")
        try require(
            (4...65_536).contains(batch), "batch",
            "is \(batch), must be from 4, for two images of two classes, to 65536")
        try require(labelledPerClass >= 2, "labelledPerClass", "is \(labelledPerClass), must be at least 2")
        try require(queriesPerClass >= 0, "queriesPerClass", "is \(queriesPerClass), must not be negative")
        try require(
            validationPerClass >= 0 && (validationPerClass == 0 || recipe.isSupervised), "validation",
            "is \(validationPerClass), must not be negative, and 0 for recipes without labels")
        try require(
            patience == 0 || patience > 0 && validationPerClass > 0, "patience",
            "is \(patience), must not be negative, and 0 without images for validation")
        try require((0...4096).contains(threads), "threads", "is \(threads), must be from 0 to 4096")
        try require(rate > 0 && rate.isFinite, "rate", "is \(rate), must be positive")
        try require(decay >= 0 && decay.isFinite, "decay", "is \(decay), must not be negative")
        try require((0..<1).contains(momentum), "momentum", "is \(momentum), must be at least 0 and below 1")
        try require((0..<1).contains(warmUp), "warmUp", "is \(warmUp), must be at least 0 and below 1")
        try require(
            (0..<1).contains(averageDecay), "averageDecay", "is \(averageDecay), must be at least 0 and below 1")
        try require(
            (0..<1).contains(labelSmoothing), "labelSmoothing", "is \(labelSmoothing), must be at least 0 and below 1")
        try require(cosineScale > 0 && cosineScale.isFinite, "cosineScale", "is \(cosineScale), must be positive")
        try require((0...1).contains(cosineMargin), "cosineMargin", "is \(cosineMargin), must be from 0 to 1")
        try require((1...512).contains(width), "width", "is \(width), must be from 1 to 512")
        try require((0...1).contains(strongShare), "strongShare", "is \(strongShare), must be from 0 to 1")
        try require(margin > 0 && margin.isFinite, "margin", "is \(margin), must be positive")
        try require(sweeps >= 1, "sweeps", "is \(sweeps), must be at least 1")
        try require((0...1).contains(croppedShare), "croppedShare", "is \(croppedShare), must be from 0 to 1")
        try require(
            cropSide == 0 || recipe == .dnnh && cropSide >= 8, "cropSide",
            "is \(cropSide), must be 0, or at least 8 for dnnh; the other networks see whole images only")
        try require(
            !fullConnection || recipe == .dnnh, "fullConnection",
            "is set, and \(recipe.rawValue) has no features of single bits; dnnh has")
        try require(
            recipe != .views || batch.isMultiple(of: 2), "batch", "is \(batch), must be even for two views an image")
        try augmentation.check()
        try strongAugmentation.check()
        try checkNetwork()
        try consistency.check()
    }
}
