import Foundation
import HashNets

/// Images of classes that differ by colour and by the place of a bright rectangle, with noise; class by class.
func syntheticImages(perClass: Int, classes: Int = 3, side: Int, seed: UInt64 = 1) -> LabelledImages {
    var generator = SeededGenerator(seed: seed)
    var pixels: [UInt8] = []
    var labels: [Int] = []
    for label in 0..<classes {
        for _ in 0..<perClass {
            labels.append(label)
            for row in 0..<side {
                for column in 0..<side {
                    let isBright = row * classes / side == label && column * 2 / side == label % 2
                    for channel in 0..<3 {
                        let base = (isBright ? 120 : 60) + (channel == label % 3 ? 60 : 0)
                        pixels.append(UInt8(base + Int.random(in: 0..<60, using: &generator)))
                    }
                }
            }
        }
    }
    return LabelledImages(
        pixels: pixels, labels: labels, classNames: (0..<classes).map { "class \($0)" },
        shape: ImageShape(channels: 3, height: side, width: side))
}

/// A path that no other test uses.
func temporaryPath(_ name: String) -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)-\(name)").path
}
