// swift-tools-version: 6.1
import Foundation
import PackageDescription

/// Without oneDNN the networks are computed in plain Swift.
let hasOneDNN = ["/usr", "/usr/local"].contains {
    FileManager.default.fileExists(atPath: $0 + "/include/oneapi/dnnl/dnnl.h")
}

/// Without LibRaw the raw files of cameras are not read.
let hasLibRaw = ["/usr", "/usr/local"].contains {
    FileManager.default.fileExists(atPath: $0 + "/include/libraw/libraw.h")
}

let package = Package(
    name: "hashdb",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "HashDB", targets: ["HashDB"]),
        // The C interface; Tools/clibrary makes libhashdb.so of it.
        .library(name: "CHashDB", type: .static, targets: ["CInterface"]),
        .library(name: "CodeFiles", targets: ["CodeFiles"]),
        .library(name: "PerceptualHashes", targets: ["PerceptualHashes"]),
        .library(name: "HashNets", targets: ["HashNets"]),
        .library(name: "ImageCodes", targets: ["ImageCodes"]),
        .executable(name: "hashdb", targets: ["HashDBTool"]),
    ],
    traits: [
        .trait(name: "Tool", description: "The command-line tool hashdb: the one part that needs other packages."),
        .default(enabledTraits: ["Tool"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        // Sockets for `hashdb serve`.
        .package(url: "https://github.com/swhitty/FlyingFox", .upToNextMinor(from: "0.27.1")),
    ],
    targets: [
        // C libraries of the system.
        .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]),
        .systemLibrary(
            name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"]), .brew(["xxhash"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CVipsLibrary", pkgConfig: "vips", providers: [.apt(["libvips-dev"]), .brew(["vips"])]),
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
        .systemLibrary(name: "CLCMS", pkgConfig: "lcms2", providers: [.apt(["liblcms2-dev"]), .brew(["little-cms2"])]),
        // C code of our own: kernels, and shims where a C interface does not import.
        .target(name: "CHamming"),
        .target(name: "CLMDBGuard", dependencies: ["CLMDB"]),
        .target(name: "COneDNN", linkerSettings: hasOneDNN ? [.linkedLibrary("dnnl")] : []),
        .target(name: "CVips", dependencies: ["CVipsLibrary", "CJPEG", "CLCMS"]),
        .target(name: "CRaw", linkerSettings: hasLibRaw ? [.linkedLibrary("raw_r")] : []),
        .target(name: "CFileSystem"),
        // The libraries.
        .target(name: "LMDB", dependencies: ["CLMDB", "CLMDBGuard"]),
        .target(name: "HashDB", dependencies: ["LMDB", "CHamming", "CXXHash"]),
        // The C interface: its header, and what implements it.
        .target(name: "CHashDB"),
        .target(name: "CInterface", dependencies: ["CHashDB", "HashDB"]),
        .target(name: "CodeFiles", dependencies: ["HashDB", "CZlib"]),
        .target(name: "PerceptualHashes", dependencies: ["HashDB"]),
        // Numbers drawn as SVG, and text in XML.
        .target(name: "Drawings"),
        .target(name: "HashNets", dependencies: ["Drawings", "COneDNN", "CXXHash"]),
        .target(
            name: "ImageCodes",
            dependencies: [
                "HashDB", "CodeFiles", "HashNets", "PerceptualHashes", "Drawings", "CVips", "CRaw", "CXXHash",
                "CFileSystem",
            ]),
        // What `hashdb serve` answers, without the sockets.
        .target(name: "Service", dependencies: ["HashDB", "CodeFiles", "PerceptualHashes", "ImageCodes"]),
        // The tool; where file systems take capitals and small letters for one, a module `hashdb` would lie over `HashDB`.
        .executableTarget(
            name: "HashDBTool",
            dependencies: [
                "HashDB", "CodeFiles", "HashNets", "PerceptualHashes", "ImageCodes", "Drawings", "Service",
                .product(
                    name: "ArgumentParser",
                    package: "swift-argument-parser",
                    condition: .when(traits: ["Tool"])
                ),
                .product(name: "FlyingSocks", package: "FlyingFox", condition: .when(traits: ["Tool"])),
            ],
            path: "Tools/hashdb"
        ),
        // The benchmark, the scan that it measures by, and its count of allocations.
        .target(name: "CFlatScan", path: "Tools/bench/CFlatScan"),
        .target(name: "CAllocations", path: "Tools/bench/CAllocations"),
        .executableTarget(
            name: "bench",
            dependencies: [
                "HashDB", "CodeFiles", "HashNets", "ImageCodes", "PerceptualHashes", "CHamming", "CFlatScan",
                "CAllocations",
                .product(
                    name: "ArgumentParser",
                    package: "swift-argument-parser",
                    condition: .when(traits: ["Tool"])
                ),
            ],
            path: "Tools/bench/Sources"
        ),
        .executableTarget(name: "networkbench", dependencies: ["HashNets"], path: "Tools/bench/networks/Sources"),
        .executableTarget(name: "interfacebench", dependencies: ["HashDB"], path: "Tools/bench/interfaces/Sources"),
        // The code of the documentation, which the tests run.
        .executableTarget(
            name: "guide", dependencies: ["HashDB", "CodeFiles", "PerceptualHashes", "HashNets", "ImageCodes"],
            path: "Tools/examples/guide"),
        // Random numbers, folders, and places for processes to meet, for tests.
        .target(name: "TestSupport", path: "Tests/TestSupport"),
        // One test target for each, and the tool from end to end.
        .testTarget(name: "CHammingTests", dependencies: ["CHamming", "TestSupport"]),
        .testTarget(name: "LMDBTests", dependencies: ["LMDB", "TestSupport"]),
        .testTarget(name: "HashDBTests", dependencies: ["HashDB", "TestSupport"], exclude: ["Golden"]),
        .testTarget(name: "CInterfaceTests", dependencies: ["CInterface", "CHashDB", "HashDB", "TestSupport"]),
        .testTarget(name: "CodeFilesTests", dependencies: ["CodeFiles", "TestSupport"]),
        .testTarget(name: "PerceptualHashesTests", dependencies: ["PerceptualHashes", "HashDB", "TestSupport"]),
        .testTarget(name: "DrawingsTests", dependencies: ["Drawings"]),
        .testTarget(name: "HashNetsTests", dependencies: ["HashNets"]),
        .testTarget(
            name: "ImageCodesTests", dependencies: ["ImageCodes", "PerceptualHashes", "CVips", "TestSupport"]),
        .testTarget(name: "ServiceTests", dependencies: ["Service", "ImageCodes", "TestSupport"]),
        // Random histories of a store, the program that carries them out, and what becomes of it when it is killed or the disk fails.
        .target(name: "StoreHistories", dependencies: ["HashDB", "TestSupport"], path: "Tests/StoreHistories"),
        .executableTarget(name: "storewriter", dependencies: ["HashDB", "StoreHistories"], path: "Tests/StoreWriter"),
        .testTarget(
            name: "FaultTests", dependencies: ["HashDB", "LMDB", "StoreHistories", "TestSupport", "storewriter"],
            exclude: ["Interposer.c"]),
        // The readers of foreign bytes, the program that fuzzes them (Tools/fuzz/run), and a short run of that.
        .target(
            name: "FuzzTargets",
            dependencies: ["HashDB", "LMDB", "CodeFiles", "HashNets", "ImageCodes", "Service", "CXXHash"],
            path: "Tests/FuzzTargets"),
        .target(name: "CFuzzer", path: "Tools/fuzz/CFuzzer"),
        .executableTarget(name: "fuzz", dependencies: ["FuzzTargets", "CFuzzer"], path: "Tools/fuzz/Sources"),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport"]),
        // They start hashdb and guide, which every build of the tests makes. They do not depend on these, as to be compiled after them, alone at
        // last, takes two minutes.
        .testTarget(name: "EndToEndTests", dependencies: ["HashDB", "CodeFiles", "HashNets", "TestSupport"]),
    ]
)

/// Names of targets that are not wanted, as whoever builds the tests for a few of them says: Tools/sanitize, Tools/coverage.
for name in (Context.environment["HASHDB_WITHOUT"] ?? "").split(separator: " ") {
    package.targets.removeAll { $0.name == name }
}
