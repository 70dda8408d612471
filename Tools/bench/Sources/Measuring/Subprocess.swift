import Foundation

/// Other programs, and this one again: what needs a fresh process is measured in one.
enum Subprocess {
    /// Runs a program and returns what it printed; its errors go where ours go.
    static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let command = ([program] + arguments).joined(separator: " ")
            throw BenchError("\(command): ended with status \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Runs a command of this program and decodes the line that it prints.
    static func bench<Figure: Decodable>(_ arguments: [String], as type: Figure.Type) throws -> Figure {
        guard let program = Bundle.main.executablePath else { throw BenchError("cannot find this program") }
        return try JSONDecoder().decode(type, from: Data(try run(program, arguments).utf8))
    }

    /// Prints what a command of this program has measured, for `bench(_:as:)`.
    static func report(_ figure: some Encodable) throws {
        print(String(decoding: try JSONEncoder().encode(figure), as: UTF8.self))
    }
}
