import Foundation
import Testing

/// `record`, `ship` and `receive` keep a store on another machine up to date.
@Suite struct FollowTests {
    let space: Workspace
    var tool: Tool { space.tool }

    init() throws {
        space = try Workspace()
        try space.writeCodes("c.npy", count: 300, bits: 64)
        #expect(try tool.run("import", "a.hashdb", "c.npy").status == 0)
    }

    private static let follow =
        "hashdb ship a.hashdb --after \"$(hashdb receive b.hashdb --position)\" | hashdb receive b.hashdb"

    private func expectEqual(_ other: String) throws {
        let (a, b) = (try tool.run("dump", "a.hashdb"), try tool.run("dump", other))
        #expect(a.status == 0 && a.output == b.output)
        #expect(try tool.run("verify", other).status == 0)
        #expect(
            try tool.run("receive", "a.hashdb", "--position").output == tool.run("receive", other, "--position").output)
    }

    @Test func aCopyIsBroughtUpToDateThroughAPipe() throws {
        let position = try tool.run("record", "a.hashdb").output
        #expect(try tool.run("record", "a.hashdb").output == position)
        #expect(try tool.run("backup", "a.hashdb", "b.hashdb").status == 0)
        #expect(try tool.run("receive", "b.hashdb", "--position").output == position)
        #expect(try tool.run("stats", "b.hashdb").output.contains("position    " + position))

        #expect(try tool.run("delete", "a.hashdb", "3", "5").status == 0)
        #expect(try tool.run("import", "a.hashdb", "c.npy").status == 0)
        #expect(try tool.run("delete", "a.hashdb", "301").status == 0)
        let followed = try tool.shell(Self.follow)
        #expect(followed.status == 0)
        #expect(Set(followed.errorLines) == ["299 items shipped", "b.hashdb: 299 items put or changed, 2 deleted"])
        #expect(followed.output == (try tool.run("receive", "a.hashdb", "--position").output))
        try expectEqual("b.hashdb")

        let again = try tool.shell(Self.follow)
        #expect(Set(again.errorLines) == ["0 items shipped", "b.hashdb: was there already"])
    }

    @Test func aStoreIsMadeOfEverything() throws {
        #expect(try tool.run("record", "a.hashdb").status == 0)
        #expect(try tool.shell("hashdb ship a.hashdb > all && hashdb receive new.hashdb < all").status == 0)
        try expectEqual("new.hashdb")
        // With changes of its own it is replaced only if that is said.
        #expect(try tool.run("delete", "new.hashdb", "7").status == 0)
        let refused = try tool.shell("hashdb receive new.hashdb < all")
        #expect(refused.status == 1 && refused.error.contains("the store is not empty"))
        #expect(try tool.run("dump", "new.hashdb").lines.count == 299)
        #expect(try tool.shell("hashdb receive new.hashdb --replace < all").status == 0)
        try expectEqual("new.hashdb")
    }

    @Test func aCollectionFollowsByItself() throws {
        #expect(try tool.run("import", "a.hashdb", "c.npy", "--collection", "pdq").status == 0)
        #expect(try tool.run("record", "a.hashdb", "--collection", "pdq").status == 0)
        let line = "hashdb ship a.hashdb --collection pdq | hashdb receive "
        #expect(try tool.shell(line + "a.hashdb --collection copy").status == 0)
        #expect(try tool.shell(line + "b.hashdb --collection copy").status == 0)
        let items = try tool.run("dump", "a.hashdb", "--collection", "pdq").output
        #expect(try tool.run("dump", "a.hashdb", "--collection", "copy").output == items)
        #expect(try tool.run("dump", "b.hashdb").output == items)
        // The only collection of a store is meant where none is named.
        #expect(try tool.shell(line + "b.hashdb").error.contains("b.hashdb: was there already"))
        #expect(try tool.run("receive", "a.hashdb", "--position").error.contains("its changes are not recorded"))
    }

    @Test func whatDoesNotFitIsRefusedInOneLineAndLeavesNothing() throws {
        let unrecorded = try tool.run("ship", "a.hashdb")
        #expect(unrecorded.status == 1 && unrecorded.error.contains("its changes are not recorded"))
        #expect(try tool.run("record", "a.hashdb").status == 0)
        #expect(try tool.shell("hashdb ship a.hashdb > all").status == 0)
        for (line, message) in [
            ("hashdb receive new.hashdb < /dev/null", "it is empty"),
            ("head -c 3000 all | hashdb receive new.hashdb", "it was cut off"),
            ("hashdb receive new.hashdb < c.npy", "it does not begin like one"),
            ("(cat all; echo) | hashdb receive new.hashdb", "bytes follow its end"),
            ("hashdb ship a.hashdb --after 1-0000000000000001", "its commit 1 is another"),
            ("hashdb ship a.hashdb --after 99-0000000000000001", "its last commit is 1"),
            ("hashdb receive none.hashdb --position", "none.hashdb: no such store"),
            ("hashdb ship none.hashdb", "none.hashdb: no such store"),
            ("hashdb receive no/where.hashdb < all", "no/where.hashdb: there is no such directory"),
        ] {
            let result = try tool.shell(line)
            #expect(result.status == 1 && result.errorLines.count == 1 && result.error.contains(message), "\(result)")
        }
        let wrong = try tool.run("ship", "a.hashdb", "--after", "41")
        #expect(wrong.status == 64 && wrong.errorLines.count == 1)
        #expect(!space.exists("new.hashdb"))
        #expect(try tool.run("record", "a.hashdb", "--stop").output.isEmpty)
        #expect(try tool.run("receive", "a.hashdb", "--position").status == 1)
    }
}
