import Foundation
import HashDB

/// Makes a set, measures everything on it, and removes it.
struct SetRun {
    let recipe: Recipe
    let options: RunOptions
    let images: ImageProjections?
    let peers: [any Peer]
    let log: (String) -> Void

    /// The set's figures are added to the results.
    func run(into results: inout Results) async throws {
        let queryCount = options.queryCount(for: recipe.count, of: recipe.bitWidth)
        log("\(recipe.name): making the codes")
        var maker = SetMaker(recipe, queryCount: queryCount, images: images)
        guard let set = maker.make() else {
            results.notes.append("\(recipe.name) is left out: it is made of images (--cifar DIRECTORY)")
            return
        }
        let files = SetFiles(directory: options.directory, name: recipe.name)
        defer { try? files.remove() }
        try files.write(set.codes, to: files.codes)
        for queries in set.queries { try files.write(queries.codes, to: files.queries(queries.kind)) }
        log("\(recipe.name): importing, opening")
        let path = "\(options.directory)/\(recipe.name).store"
        let store = try StoreRun(set: set, files: files, store: path, repeats: options.isQuick ? 3 : 9).run()
        results.stores.append(store)
        var cells = try ask(set, path, files)
        for peer in peers {
            log("\(recipe.name): \(type(of: peer))")
            for (index, column, figure) in try peer.figures(cells, of: set, in: files) {
                cells[index].peers[column] = figure
            }
        }
        results.cells += cells
        try await ExtrasRun(set: set, extras: recipe.extras, options: options, log: log).run(path, into: &results)
    }

    private func ask(_ set: CodeSet, _ path: String, _ files: SetFiles) throws -> [QueryCell] {
        let flat = try FlatScan(set.codes)
        let store = try Store.open(at: path, access: .readOnly)
        return try store.read { snapshot in
            try warm(set, snapshot)
            var cells: [QueryCell] = []
            for queries in set.queries {
                log("\(set.name): \(queries.kind) queries")
                let truths = Self.truths(of: queries, in: set)
                if !peers.isEmpty { try files.write(truths, of: queries.kind) }
                for operation in set.operations where queries.group == 1 || operation == .within(31) {
                    let run = QueryRun(
                        queries: queries, truths: truths, operation: operation, flat: flat, plans: QueryPlan.allCases,
                        budget: options.isQuick ? 0.2e6 : 2e6)
                    cells.append(try run.run(snapshot, set: set.name))
                }
            }
            return cells
        }
    }

    /// Touches the whole index, and asks some queries that are not measured.
    private func warm(_ set: CodeSet, _ snapshot: borrowing Snapshot) throws {
        _ = try snapshot.statistics(occupancy: true)
        var generator = Xoshiro(named: "warm-up")
        for plan in QueryPlan.allCases {
            for _ in 0..<3 {
                let code = try set.codes.code(generator.index(below: set.codes.count))
                _ = try snapshot.nearest(to: code, count: 1, plan: plan)
            }
        }
    }

    /// What is right, for every question that is put to the set.
    static func truths(of queries: CodeSet.Queries, in set: CodeSet) -> [Truth] {
        var count = 1
        var radius = 0
        for operation in set.operations {
            switch operation {
            case .nearest(let wanted): count = max(count, wanted)
            case .within(let wanted): radius = max(radius, wanted)
            }
        }
        var distances: [UInt16] = []
        return (0..<queries.codes.count).map {
            Truth(queries.codes[$0], in: set.codes, count: count, radius: radius, distances: &distances)
        }
    }
}
