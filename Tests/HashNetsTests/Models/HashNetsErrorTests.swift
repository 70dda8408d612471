import HashNets
import Testing

@Suite struct HashNetsErrorTests {
    @Test func descriptionsAreOneLineThatNamesFileAndTensor() {
        let path = "/models/x.safetensors"
        let errors: [HashNetsError] = [
            .weightFileUnreadable(path: path, reason: "why"), .weightFileUnwritable(path: path, reason: "why"),
            .metadataInvalid(path: path, key: "bits", reason: "is missing"),
            .unknownArchitecture(path: path, name: "new"),
            .tensorMissing(path: path, tensor: "fc.bias"), .tensorUnexpected(path: path, tensor: "fc.bias"),
            .tensorShape(path: path, tensor: "fc.bias", expected: [1], found: [2, 3]),
            .tensorType(path: path, tensor: "fc.bias", found: "I64"), .tensorNotFinite(path: path, tensor: "fc.bias"),
        ]
        for error in errors {
            let text = error.description
            #expect(text.contains(path) && !text.contains("\n"))
            #expect(
                text.contains("fc.bias") || !"\(Mirror(reflecting: error).children.map(\.label))".contains("tensor"))
        }
        #expect(HashNetsError.unknownArchitecture(path: path, name: "new").description.contains("dnnh-nin32"))
    }
}
