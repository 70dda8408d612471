import Foundation
import Testing

/// Devices that never end, named where a file is expected: neither read for ever nor into memory without bound.
@Suite struct DeviceTests {
    @Test func amongImagesADeviceIsPassedOver() throws {
        let space = try Workspace()
        try space.writePicture("p.ppm", seed: 1)
        let limits = ["/bin/sh", "-c", "ulimit -d 524288; exec timeout 20 \"$@\"", "limited", Tool.path]
        let ingest = try space.tool.start(limits + ["ingest", "i.hashdb", "p.ppm", "/dev/zero", "--model", "dhash"])
            .finish()
        #expect(ingest.status == 0 && ingest.error.contains("1 added"))
        #expect(ingest.error.contains("passed over: 1 pipe, socket or device"))
        let query = try space.tool.start(limits + ["query", "i.hashdb", "/dev/zero"]).finish()
        #expect(query.status == 1 && query.error.hasPrefix("hashdb: error: /dev/zero: "))
    }

    @Test(
        arguments: [
            ["query", "s.hashdb", "--codes", "/dev/zero"],
            ["query", "s.hashdb", "--id", "1", "--only-ids", "/dev/zero"],
            ["query", "s.hashdb", "--codes", "c.npy", "--expect", "/dev/zero"],
            ["query", "s.hashdb", "p.ppm", "--model", "/dev/zero"], ["import", "n.hashdb", "/dev/zero"],
            ["import", "n.hashdb", "/dev/zero", "--format", "npy"],
            ["import", "n.hashdb", "/dev/zero", "--format", "npz"],
            ["import", "n.hashdb", "/dev/zero", "--format", "u8bin"],
            ["import", "n.hashdb", "/dev/zero", "--format", "bvecs"],
            ["import", "n.hashdb", "/dev/zero", "--format", "faiss"],
            ["import", "n.hashdb", "/dev/zero", "--format", "jsonl"],
            ["import", "n.hashdb", "/dev/zero", "--format", "tsv"],
            ["import", "n.hashdb", "/dev/zero", "--format", "bits"],
            ["import", "n.hashdb", "c.npy", "--ids", "/dev/zero"], ["stats", "/dev/zero"], ["verify", "/dev/zero"],
            ["rebuild", "/dev/zero", "r.hashdb"], ["apply", "/dev/zero"], ["undo", "/dev/zero"],
            ["ingest", "i.hashdb", "--model", "dhash", "--files-from", "/dev/zero"],
            ["ingest", "i.hashdb", "p.ppm", "--model", "/dev/zero"], ["evaluate", "/dev/zero", "--data", "photos"],
            ["import", "n.hashdb", "/dev/urandom", "--format", "csv"], ["apply", "/dev/full"],
        ])
    func aDeviceIsNoFile(arguments: [String]) throws {
        let space = try Workspace()
        try space.writeCodes("c.npy", count: 10, bits: 64)
        try space.writePicture("p.ppm", seed: 1)
        #expect(try space.tool.run("import", "s.hashdb", "c.npy").status == 0)
        // Of memory that is written to, 512 MB; of time, twenty seconds.
        let limits = ["/bin/sh", "-c", "ulimit -d 524288; exec timeout 20 \"$@\"", "limited"]
        let result = try space.tool.start(limits + [Tool.path] + arguments).finish()
        let shown = Comment(rawValue: "\(arguments) gave \(result)")
        #expect([1, 64].contains(result.status), shown)
        #expect(result.errorLines.contains { $0.contains("/dev/") }, shown)
    }
}
