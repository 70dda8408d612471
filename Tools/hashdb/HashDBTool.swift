import ArgumentParser

@main
struct HashDBTool: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hashdb")
}
