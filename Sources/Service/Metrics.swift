import Synchronization

/// What the service has done so far, in numbers that only grow, and what it is doing.
package final class Metrics: Sendable {
    /// Upper bounds of the latencies' buckets, in seconds.
    static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    private struct Counts {
        var statuses: [Int: Int] = [:]
        /// How many answers took at most as long as each bound, and longer than that before; the last is for all that took longer.
        var buckets = [Int](repeating: 0, count: Metrics.bounds.count + 1)
        var seconds = 0.0
    }

    private let counts = Mutex<[Route.Endpoint: Counts]>([:])
    /// Open connections.
    package let connections = Atomic<Int>(0)
    /// Requests that wait for a thread or are being answered by one.
    package let requestsInFlight = Atomic<Int>(0)

    /// Counts an answer.
    ///
    /// - Parameter seconds: how long it took; nil if the request could not be read.
    func count(_ endpoint: Route.Endpoint, status: Int, seconds: Double?) {
        counts.withLock { counts in
            counts[endpoint, default: Counts()].statuses[status, default: 0] += 1
            guard let seconds else { return }
            let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
            counts[endpoint, default: Counts()].buckets[bucket] += 1
            counts[endpoint, default: Counts()].seconds += seconds
        }
    }

    /// The numbers in Prometheus' text format, version 0.0.4.
    var text: String {
        let counts = counts.withLock { $0 }.sorted { $0.key.rawValue < $1.key.rawValue }
        var text = Self.head("hashdb_requests_total", "counter", "Answers by part of the interface and status.")
        for (endpoint, count) in counts {
            for (status, number) in count.statuses.sorted(by: { $0.key < $1.key }) {
                text += "hashdb_requests_total{endpoint=\"\(endpoint.rawValue)\",status=\"\(status)\"} \(number)\n"
            }
        }
        text += Self.head(
            "hashdb_request_seconds", "histogram", "Time from having read a request to its answer.")
        for (endpoint, count) in counts {
            let label = "endpoint=\"\(endpoint.rawValue)\""
            var sum = 0
            for (bound, number) in zip(Self.bounds.map { "\($0)" } + ["+Inf"], count.buckets) {
                sum += number
                text += "hashdb_request_seconds_bucket{\(label),le=\"\(bound)\"} \(sum)\n"
            }
            text += "hashdb_request_seconds_sum{\(label)} \(count.seconds)\n"
            text += "hashdb_request_seconds_count{\(label)} \(sum)\n"
        }
        text += Self.head("hashdb_connections", "gauge", "Open connections.")
        text += "hashdb_connections \(connections.load(ordering: .relaxed))\n"
        text += Self.head(
            "hashdb_requests_in_flight", "gauge", "Requests that wait for a thread or are being answered.")
        text += "hashdb_requests_in_flight \(requestsInFlight.load(ordering: .relaxed))\n"
        return text
    }

    /// The lines before the values of a metric.
    static func head(_ name: String, _ kind: String, _ help: String) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }
}

extension StoreService {
    /// What was counted, and the state of each store.
    func metricsPage() -> HTTPResponse {
        var text = metrics.text
        let states = stores.compactMap { store in
            (try? store.store.read { ($0.count, $0.commitNumber) }).map { (store.name, $0.0, $0.1) }
        }
        text += Metrics.head("hashdb_items", "gauge", "Items of a store.")
        for (name, items, _) in states { text += "hashdb_items{store=\"\(name)\"} \(items)\n" }
        text += Metrics.head(
            "hashdb_commit_number", "counter", "Commits of a store that changed an item or an attribute.")
        for (name, _, commit) in states { text += "hashdb_commit_number{store=\"\(name)\"} \(commit)\n" }
        text += Metrics.head("hashdb_store_readable", "gauge", "1 for a store that can be read.")
        for store in stores {
            text += "hashdb_store_readable{store=\"\(store.name)\"} \(states.contains { $0.0 == store.name } ? 1 : 0)\n"
        }
        return HTTPResponse(200, type: "text/plain; version=0.0.4; charset=utf-8", Array(text.utf8))
    }
}
