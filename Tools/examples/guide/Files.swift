import CodeFiles
import HashDB

func importAndExport() throws {
    let codes = try CodeImport(codes: "hashes.csv")
    let store = try Store.create(at: "hashes.hashdb", bitWidth: codes.bitWidth)
    let summary = try codes.run(into: store)
    let exported = try store.read { try $0.exportCodes(to: "hashes.npz") }
    print(summary, exported)
}
