import Foundation

/// Another program, or this one again: what needs a fresh process is measured in one.
struct Subprocess {
    private let process = Process()
    private let output = Pipe()

    /// Starts a program; its errors go where ours go.
    init(_ program: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// Starts a command of this program.
    init(bench arguments: [String]) throws {
        guard let program = Bundle.main.executablePath else { throw BenchError("cannot find this program") }
        try self.init(program, arguments)
    }

    /// Waits for its end and returns what it printed.
    func finish() throws -> Data {
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let command = [process.executableURL?.path ?? ""] + (process.arguments ?? [])
            throw BenchError("\(command.joined(separator: " ")): ended with status \(process.terminationStatus)")
        }
        return data
    }

    /// Waits for the end of a command of this program and decodes the line that it printed.
    func finish<Figure: Decodable>(as type: Figure.Type) throws -> Figure {
        try JSONDecoder().decode(type, from: try finish())
    }

    /// Runs a program and returns what it printed.
    static func run(_ program: String, _ arguments: [String]) throws -> String {
        String(decoding: try Self(program, arguments).finish(), as: UTF8.self)
    }

    /// Runs a command of this program and decodes the line that it prints.
    static func bench<Figure: Decodable>(_ arguments: [String], as type: Figure.Type) throws -> Figure {
        try Self(bench: arguments).finish(as: type)
    }

    /// Prints what a command of this program has measured, for `finish(as:)`.
    static func report(_ figure: some Encodable) throws {
        print(String(decoding: try JSONEncoder().encode(figure), as: UTF8.self))
    }
}
