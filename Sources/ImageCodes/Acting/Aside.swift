import Foundation

// Between the look at a name and what is done to it, the name may come to lead to another file, however short the time. So a file is renamed
// to a name that nobody else uses first; if it turns out to be another there, it goes back.

extension ImagePath {
    /// A free name in the same directory, hidden and not of an image.
    var aside: ImagePath { directory.appending(Array(".\(UUID().uuidString).hashdb".utf8)) }

    /// Renames a file to a free name.
    ///
    /// - Throws: `Refusal` where it is not the one that was seen.
    func put(aside: ImagePath, ifIs seen: SeenFile) throws(Refusal) {
        let failure = rename(toFree: aside)
        guard failure == 0 else { throw Refusal("it cannot be renamed: \(systemMessage(failure))") }
        guard SeenFile(at: aside) == seen else {
            throw aside.givenBack(to: self, "its name led to another file at the last moment")
        }
    }

    /// Gives a file its name back, unless something else has that now. Returns the reason, and where the file is if it has to stay there.
    func givenBack(to name: ImagePath, _ reason: String) -> Refusal {
        rename(toFree: name) == 0 ? Refusal(reason) : Refusal("\(reason); what had the name is \(self) now")
    }

    /// Puts a file that is ready under another name into the place of this one, which is removed.
    ///
    /// - Throws: `Refusal` where this is not the one that was seen, or something else takes its name.
    func replace(_ seen: SeenFile, with new: ImagePath, aside: ImagePath) throws(Refusal) {
        try put(aside: aside, ifIs: seen)
        let failure = new.rename(toFree: self)
        guard failure == 0 else {
            throw aside.givenBack(to: self, "it cannot be replaced: \(systemMessage(failure))")
        }
        _ = aside.withCString { unlink($0) }
    }
}
