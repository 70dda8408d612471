import ArgumentParser

/// The benchmark of the store: how long exact answers take, as multiples of a flat scan in memory, beside others.
@main
struct BenchTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "What exact answers from a store cost, as multiples of a flat scan in memory.",
        subcommands: [
            Table.self, Batch.self, Filters.self, Pairs.self, MakeImages.self, SelfCheck.self, Guard.self,
            ImportOnce.self, OpenOnce.self, InsertOnce.self, Soak.self, SoakRead.self, Follow.self, Unfolded.self,
            Near.self,
        ],
        defaultSubcommand: Table.self)
}
