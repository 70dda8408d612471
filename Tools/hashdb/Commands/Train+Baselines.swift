import HashNets

extension Train {
    /// Makes a model without a network.
    func makeBaseline(of images: LabelledImages) throws {
        if recipe == .ksh {
            try hashKernels(of: images)
        } else {
            let projections = try RandomProjections(
                dimension: images.shape.count,
                bits: bits,
                batch: recipe == .lsh ? 1 : nil,
                seed: settings.seed
            )
            let split = settings.kernelHashing(bits: bits, severalLabels: labels != nil)
            try LocalitySensitiveHashing(
                projections, splitting: images, queriesPerClass: split.queriesPerClass,
                labelledPerClass: split.labelledPerClass, usesTestPart: split.usesTestPart, seed: settings.seed
            ).writeModel(to: absoluteOut)
        }
        StandardError.note("wrote \(out)")
    }

    private func hashKernels(of images: LabelledImages) throws {
        let progress = ProgressReport(unit: "bits")
        defer { progress.clear() }
        let hashing = try KernelHashing(settings.kernelHashing(bits: bits, severalLabels: labels != nil), of: images) {
            progress.update(done: $0, total: bits)
        }
        try hashing.writeModel(to: absoluteOut)
    }
}

extension TrainingOptions {
    /// Settings of hashing with kernels.
    fileprivate func kernelHashing(bits: Int, severalLabels: Bool) -> KernelHashing.Settings {
        var hashing = KernelHashing.Settings(bits: bits)
        hashing.seed = seed
        hashing.usesTestPart = testPart
        hashing.labelledPerClass = labelled ?? (severalLabels ? .max : hashing.labelledPerClass)
        hashing.queriesPerClass = queries ?? (severalLabels ? 500 : hashing.queriesPerClass)
        return hashing
    }
}
