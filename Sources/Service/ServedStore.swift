import CodeFiles
import HashDB
import ImageCodes
import PerceptualHashes

/// A collection of a store, under the name by which clients know it.
package final class ServedStore: Sendable {
    /// What clients call it: the file's name, and the collection's after a dot if it is another than the file's only or default one.
    package let name: String
    /// The collection.
    package let store: Store
    /// What makes codes of images, where codes of the store come from images.
    package let model: ImageModel?

    /// Reports of duplicates that were made last.
    let reports = ReportCache()

    /// A store under a name.
    package init(name: String, store: Store, model: ImageModel? = nil) {
        self.name = name
        self.store = store
        self.model = model
    }

    /// Which perceptual hash its codes are; nil for others.
    var perceptualHash: PerceptualHash? { store.model?.perceptualHash }

    /// Whether its codes are those of PDQ, as far as one can tell: 256 bits, and of no other model.
    var holdsPDQ: Bool { store.bitWidth == 256 && (store.model == nil || perceptualHash == .pdq) }

    /// Whether a name can stand in a path and in a list of metrics: letters, digits, `-`, `_`, `.`, 1 to 100 of them, the first no dot.
    package static func isName(_ name: String) -> Bool {
        (1...100).contains(name.utf8.count) && name.first != "."
            && name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0))
            }
    }
}
