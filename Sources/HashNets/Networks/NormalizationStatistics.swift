/// Mean and variance of the channels of one batch normalisation: of the last batch, and averaged over training.
///
/// Averages move a tenth of the way to each batch's values, the variance being the unbiased estimate.
final class NormalizationStatistics<Scalar: BinaryFloatingPoint & BitwiseCopyable> {
    /// The averages, named `….running_mean` and `….running_var`, as weight files keep them.
    let runningMean: ParameterTensor<Scalar>
    let runningVariance: ParameterTensor<Scalar>
    /// Those of the last training pass; the variance is that of the values themselves.
    let batchMean: AlignedBuffer<Scalar>
    let batchVariance: AlignedBuffer<Scalar>
    /// Values of each channel in a pass.
    var samples = 0

    /// How far averages move to the values of a batch.
    private static var rate: Scalar { 0.1 }

    init(
        _ name: String, channels: Int, mean: AlignedBuffer<Scalar>? = nil, variance: AlignedBuffer<Scalar>? = nil
    ) {
        func statistic(_ suffix: String, _ buffer: AlignedBuffer<Scalar>?) -> ParameterTensor<Scalar> {
            ParameterTensor(
                name: "\(name).\(suffix)", shape: [channels], role: .statistic,
                value: buffer ?? AlignedBuffer(count: channels), gradient: AlignedBuffer(count: 0),
                range: 0..<channels)
        }
        runningMean = statistic("running_mean", mean)
        runningVariance = statistic("running_var", variance)
        batchMean = AlignedBuffer(count: channels)
        batchVariance = AlignedBuffer(count: channels)
    }

    /// Both averages.
    var parameters: [ParameterTensor<Scalar>] { [runningMean, runningVariance] }

    /// Moves the averages that all parts of a batch share to the values of the whole batch, whose variance is the mean
    /// of the parts' variances and the variance of their means.
    static func update(from parts: [NormalizationStatistics<Scalar>]) {
        guard let first = parts.first else { return }
        let samples = Scalar(parts.reduce(0) { $0 + $1.samples })
        let unbiased = samples > 1 ? samples / (samples - 1) : 1
        let (means, variances) = (first.runningMean.value, first.runningVariance.value)
        for channel in means.indices {
            let mean = parts.reduce(0) { $0 + $1.batchMean.pointer[channel] * Scalar($1.samples) } / samples
            let variance =
                parts.reduce(0) { sum, part in
                    let distance = part.batchMean.pointer[channel] - mean
                    return sum + (part.batchVariance.pointer[channel] + distance * distance) * Scalar(part.samples)
                } / samples
            means[channel] += rate * (mean - means[channel])
            variances[channel] += rate * (variance * unbiased - variances[channel])
        }
    }
}
