extension Architecture {
    /// Throws where a file has no weights of the size that a layer needs, or variances below 0.
    func checkWeights(in file: WeightFile) throws {
        var flaw: HashNetsError?
        forEachWeight { name, shape, _, _ in
            let weight = "\(name).weight"
            guard flaw == nil else { return }
            guard let tensor = file.tensors[weight] else {
                flaw = .tensorMissing(path: file.path, tensor: weight)
                return
            }
            if tensor.values.count != shape.reduce(1, *) {
                flaw = .tensorShape(path: file.path, tensor: weight, expected: shape, found: tensor.shape)
            }
        }
        if let flaw { throw flaw }
        let variances = file.tensors.filter { $0.key.hasSuffix(".running_var") }
        if let name = variances.first(where: { $0.value.values.contains { $0 < 0 } })?.key {
            throw HashNetsError.weightFileUnreadable(
                path: file.path, reason: "tensor \"\(name)\" has a variance below 0")
        }
    }
}
