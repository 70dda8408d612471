import ArgumentParser
import Foundation
import Service

/// How much clients may ask for.
struct ServiceLimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How many requests are worked on at once (default: one a core).", valueName: "n"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "The time for reading a request, for answering it, and for a client to take the answer.",
            valueName: "seconds"))
    var timeout = 30.0

    @Option(help: ArgumentHelp("The time for a client to take all of a streamed answer.", valueName: "seconds"))
    var streamTimeout = 600.0

    @Option(help: ArgumentHelp("The most bytes of a request's body.", valueName: "n"))
    var maxBodyBytes = Limits().bodyBytes

    @Option(help: ArgumentHelp("The largest k that may be asked for.", valueName: "n"))
    var maxK = Limits().neighbours

    @Option(help: ArgumentHelp("The most codes in one request.", valueName: "n"))
    var maxBatch = Limits().queries

    @Option(
        help: ArgumentHelp(
            "The most items of an answer that is not streamed, or is merged from several codes.", valueName: "n"))
    var maxResults = Limits().results

    @Option(help: ArgumentHelp("The most connections at a time.", valueName: "n"))
    var maxConnections = 256

    func validate() throws {
        for (name, value, most) in [
            ("threads", threads ?? 1, 1024), ("max-body-bytes", maxBodyBytes, 1 << 40), ("max-k", maxK, 1 << 30),
            ("max-batch", maxBatch, 1 << 30), ("max-results", maxResults, 1 << 40),
            ("max-connections", maxConnections, 1 << 20),
        ] where !(1...most).contains(value) {
            throw ValidationError("--\(name) \(value): it must be from 1 to \(most)")
        }
        for (name, value) in [("timeout", timeout), ("stream-timeout", streamTimeout)]
        where !(0.05...86_400).contains(value) {
            throw ValidationError("--\(name) \(value): it must be from 0.05 to 86400 seconds")
        }
    }

    var limits: Limits {
        var limits = Limits()
        limits.bodyBytes = maxBodyBytes
        limits.neighbours = maxK
        limits.queries = maxBatch
        limits.results = maxResults
        limits.time = .milliseconds(Int(timeout * 1000))
        limits.streamTime = .milliseconds(Int(streamTimeout * 1000))
        return limits
    }

    var serverOptions: SocketServer.Options {
        let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        return SocketServer.Options(threads: threads, connections: maxConnections)
    }
}
