// swift-tools-version: 6.1
import PackageDescription

// A program that uses the library HashDB and nothing else. Without the trait "Tool" no other package is fetched for it, and
// neither libvips nor oneDNN is needed to build it.
let package = Package(
    name: "neighbours",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "hashdb", path: "../../..", traits: [])
    ],
    targets: [
        .executableTarget(name: "neighbours", dependencies: [.product(name: "HashDB", package: "hashdb")])
    ]
)
