import ArgumentParser
import Foundation
import HashDB
import HashNets
import ImageCodes
import Service

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer searches over HTTP, until it is stopped.",
        discussion: """
            A page for people at /, and for programs:

              POST /v1/nearest        {"code": "HEX", "k": 10}: the nearest items
              POST /v1/within         {"code": "HEX", "radius": 31}: all within it
              POST /v1/nearest-image  the bytes of an image: the nearest images
              GET  /v1/duplicates, /v1/items/ID, /v1/stats, /v1/stores
              POST /v1/insert, /v1/delete, /v1/verdict
                                      with the token, see --token-file
              GET  /healthz, /metrics
              GET  /m/lookup?signal=HEX&signal_type=pdq
                                      as ThreatExchange's matcher answers
              POST /m/lookup, /h/hash
                                      the same of a form's file "photo"

            "codes": ["HEX", …] asks for many at once. Of several stores the first is meant; others by their names: \
            /v1/stores/NAME/nearest. A store is called like its file, without .hashdb, unless it is given as NAME=PATH; each further \
            collection is NAME.COLLECTION. What is committed to a store, by whomever, is found from then on.

            It listens on this machine only, unless --host says otherwise, and speaks no TLS: put a reverse proxy before it to be \
            reached from elsewhere. Ctrl-C ends it with status 130, SIGTERM with 0; requests under way are answered first.
            """
    )

    @Argument(help: ArgumentHelp("Stores, each as PATH or NAME=PATH.", valueName: "store"), completion: .file())
    var stores: [String]

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("The port to listen on; 0 takes a free one, and says which.", valueName: "n"))
    var port: UInt16 = 7878

    @Option(
        help: ArgumentHelp(
            "A name that clients may call this machine by, beside localhost and addresses; repeatable.",
            valueName: "name"))
    var serverName: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file whose first line is the token that clients must know to write; without, nobody may.",
            valueName: "file"),
        completion: .file())
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "The weight file of a network, for a store whose model is not found otherwise; repeatable.",
            valueName: "file"),
        completion: .file())
    var model: [String] = []

    @OptionGroup(title: "Limits")
    var limits: ServiceLimitOptions

    func run() throws {
        let token = try tokenFile.map { try ServiceToken.read($0) }
        let models = try model.map { try HashModel.load(path: $0) }
        var served: [ServedStore] = []
        for text in stores { served += try Self.open(text, isWritable: token != nil, models) }
        for (index, store) in served.enumerated() where served[..<index].contains(where: { $0.name == store.name }) {
            throw ValidationError("two stores are called \(store.name); give one as NAME=PATH")
        }
        let service = StoreService(
            stores: served, limits: limits.limits, token: token, hosts: Set(serverName.map { $0.lowercased() }),
            log: { StandardError.warn($0) })
        let server = SocketServer(service: service, options: limits.serverOptions)
        try server.listen(on: host, port: port)
        let interrupt = Interrupt("stopping, requests under way are answered (Ctrl-C again: stop at once)") {
            server.stop()
        }
        let names = served.map(\.name).joined(separator: ", ")
        StandardError.note("hashdb: serving \(names)\(token == nil ? ", read-only," : "") at \(server.address)")
        if token != nil, !Self.isLoopback(host) {
            StandardError.warn("tokens pass the network unencrypted; put a proxy with TLS before the service")
        }
        try server.run()
        if interrupt.signalNumber == SIGINT { throw Interrupted() }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// The collections of a store.
    private static func open(_ text: String, isWritable: Bool, _ models: [HashModel]) throws -> [ServedStore] {
        let (name, path) = try nameAndPath(text)
        let collections = try Store.collections(at: path)
        return try collections.map { collection in
            let store = try Store.open(
                at: path, collection: collection.name, access: isWritable ? .readWrite : .readOnly)
            let isUsual = collections.count == 1 || collection.name == Store.defaultCollection
            let title = isUsual ? name : "\(name).\(collection.name)"
            return ServedStore(name: title, store: store, model: try model(of: store, models))
        }
    }

    /// What makes codes of images for a store; nil, with a note, where that is not found.
    private static func model(of store: Store, _ models: [HashModel]) throws -> ImageModel? {
        guard let identity = store.model else { return nil }
        if let given = models.first(where: { $0.fingerprint == identity.fingerprint }) { return .network(given) }
        do {
            return try ModelOption.model(of: store)
        } catch {
            StandardError.warn("\(error); images cannot be looked for in it")
            return nil
        }
    }

    private static func nameAndPath(_ text: String) throws -> (name: String, path: String) {
        if let sign = text.firstIndex(of: "="), ServedStore.isName(String(text[..<sign])) {
            return (String(text[..<sign]), String(text[text.index(after: sign)...]))
        }
        var name = URL(fileURLWithPath: text).lastPathComponent
        if name.hasSuffix(".hashdb") { name.removeLast(7) }
        guard ServedStore.isName(name) else {
            throw ValidationError("\(text): give it a name of letters, digits, - and _, as NAME=\(text)")
        }
        return (name, text)
    }
}
