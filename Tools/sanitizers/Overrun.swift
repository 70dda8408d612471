// Reads behind the end of a piece of memory, which AddressSanitizer has to report.

@main enum Overrun {
    static func main() {
        let numbers = UnsafeMutablePointer<Int>.allocate(capacity: 4)
        numbers.initialize(repeating: 7, count: 4)
        print(numbers[3 + CommandLine.arguments.count])
        numbers.deallocate()
    }
}
