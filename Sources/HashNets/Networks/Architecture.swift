/// The layers of a network, as a value that a weight file's metadata can name and rebuild.
package struct Architecture: Hashable, Sendable {
    /// One layer; each takes the output of the one before it.
    package enum Layer: Hashable, Sendable {
        /// Cross-correlation with square filters, with or without a bias.
        case convolution(Convolution)
        /// Batch normalisation of each channel.
        case batchNormalization(BatchNormalization)
        /// max(0, x).
        case rectifier
        /// Largest value, or mean of the values inside the image, of square windows in Caffe's ceil mode.
        case pooling(PoolingKind, size: Int, stride: Int)
        /// Mean of each channel's plane.
        case globalAveragePooling
        /// Largest value of each channel's plane.
        case globalMaximumPooling
        /// x · (1 + α/n² · Σ x²)^−β over n × n neighbours in the same channel (Caffe's WITHIN_CHANNEL).
        case localResponseNormalization(size: Int, alpha: Float, beta: Float)
        /// x · (offset + α · Σ x²)^−β over n neighbouring channels at the same place (Krizhevsky et al., "ImageNet
        /// Classification with Deep Convolutional Neural Networks", NIPS 2012, section 3.3). Frameworks that divide α by n
        /// (Caffe, PyTorch) need n times this α.
        case crossChannelNormalization(size: Int, alpha: Float, beta: Float, offset: Float)
        /// In training, zeroes values with probability `rate` and scales the others by 1 / (1 − rate).
        case dropout(rate: Float)
        /// Full connection; several heads share one input and are concatenated.
        case innerProduct([Head])
        /// Divide-and-encode (DNNH, section "Divide-and-encode module"): channels in as many equal slices as the
        /// head has outputs, each with an inner product of its own to one output.
        case dividedInnerProduct(Head)
        /// The sum of the input and of what these layers make of it (He et al., "Deep Residual Learning for Image
        /// Recognition", CVPR 2016, section 3.1).
        case residual([Layer])
    }

    /// Kinds of pooling.
    package enum PoolingKind: Hashable, Sendable {
        case maximum, average
    }

    /// Describes a convolution; dilation is not needed so far.
    package struct Convolution: Hashable, Sendable {
        package var name: String
        package var filters: Int
        package var size: Int
        package var stride = 1
        package var padding = 0
        /// Equal slices of the input's channels; as many slices of the filters see one slice of the input each.
        package var groups = 1
        package var hasBias = true
        /// Standard deviation of the paper's Gaussian initialisation.
        package var deviation: Float

        package init(
            _ name: String, filters: Int, size: Int, stride: Int = 1, padding: Int = 0, groups: Int = 1,
            hasBias: Bool = true, deviation: Float
        ) {
            self.name = name
            self.filters = filters
            self.size = size
            self.stride = stride
            self.padding = padding
            self.groups = groups
            self.hasBias = hasBias
            self.deviation = deviation
        }
    }

    /// Named outputs of an inner product.
    package struct Head: Hashable, Sendable {
        package var name: String
        package var outputs: Int
        package var hasBias = true
        /// Standard deviation of the paper's Gaussian initialisation.
        package var deviation: Float

        package init(_ name: String, outputs: Int, hasBias: Bool = true, deviation: Float) {
            self.name = name
            self.outputs = outputs
            self.hasBias = hasBias
            self.deviation = deviation
        }
    }

    /// y = γ · (x − mean) / √(variance + ε) + β in each channel, γ and β being learnt (Ioffe and Szegedy, "Batch
    /// Normalization", ICML 2015, algorithm 1).
    ///
    /// Training takes mean and variance of the batch, or of the part of it that one thread computes; at query time
    /// they are averages of training, which the network keeps beside its parameters.
    package struct BatchNormalization: Hashable, Sendable {
        package var name: String
        /// Normalises this many channels from the first on and hands on the others as they are; nil for all.
        package var channels: Int?
        package var epsilon: Float

        package init(_ name: String, channels: Int? = nil, epsilon: Float = 1e-5) {
            self.name = name
            self.channels = channels
            self.epsilon = epsilon
        }
    }

    /// The name in metadata, such as `dnnh-nin32`.
    package let name: String
    /// Length of the code: the first `bits` outputs.
    package let bits: Int
    /// Label outputs after the code outputs; 0 where the network has none.
    package let classes: Int
    /// Shape of the images.
    package let input: ImageShape
    /// Filter counts of an architecture that comes in several widths, for metadata; otherwise empty.
    package let widths: [Int]
    /// Layers in order.
    package let layers: [Layer]
    /// Shape that each layer hands on, for one image; inner products give n × 1 × 1.
    package let outputShapes: [ImageShape]

    /// Works out the shapes; throws `architectureImpossible` where layers do not fit.
    package init(
        name: String, bits: Int, classes: Int, input: ImageShape, widths: [Int] = [], layers: [Layer]
    ) throws {
        self.name = name
        self.bits = bits
        self.classes = classes
        self.input = input
        self.widths = widths
        self.layers = layers
        var shapes: [ImageShape] = []
        for layer in layers {
            guard let next = layer.outputShape(of: shapes.last ?? input) else {
                throw HashNetsError.architectureImpossible(
                    name: name, reason: "\(layer) does not fit on \(shapes.last ?? input), input \(input)")
            }
            guard next.count <= Self.mostValues else {
                throw HashNetsError.architectureImpossible(
                    name: name, reason: "\(layer) would hand on \(next), more than \(Self.mostValues) numbers an image")
            }
            shapes.append(next)
        }
        outputShapes = shapes
    }

    /// Numbers of an image that a layer may hand on: sixty times what those for photographs do.
    static let mostValues = 1 << 24

    /// Values that the network gives for an image.
    package var outputs: Int { (outputShapes.last ?? input).count }

    /// Shape of the images or features that layer `index` takes.
    package func inputShape(ofLayer index: Int) -> ImageShape {
        index == 0 ? input : outputShapes[index - 1]
    }
}

extension Architecture {
    /// How many images at a time are worth it; nil where the values of one fill the cache by themselves.
    var manyImages: Int? { input.area <= 64 * 64 ? 16 : nil }
}

extension Architecture.Layer {
    /// The shape that the layer makes of `input`, or nil where it does not fit.
    func outputShape(of input: ImageShape) -> ImageShape? {
        switch self {
        case .convolution(let convolution):
            let height = input.height + 2 * convolution.padding - convolution.size
            let width = input.width + 2 * convolution.padding - convolution.size
            let (filters, groups) = (convolution.filters, convolution.groups)
            guard height >= 0, width >= 0, convolution.stride >= 1, filters >= 1, groups >= 1,
                input.channels.isMultiple(of: groups), filters.isMultiple(of: groups)
            else { return nil }
            return ImageShape(
                channels: convolution.filters, height: height / convolution.stride + 1,
                width: width / convolution.stride + 1)
        case .pooling(_, let size, let stride):
            guard stride >= 1, size >= stride, input.height >= size, input.width >= size else { return nil }
            return ImageShape(
                channels: input.channels, height: (input.height - size + stride - 1) / stride + 1,
                width: (input.width - size + stride - 1) / stride + 1)
        case .globalAveragePooling, .globalMaximumPooling:
            return ImageShape(channels: input.channels, height: 1, width: 1)
        case .rectifier, .dropout:
            return input
        case .batchNormalization(let normalization):
            guard let channels = normalization.channels else { return input }
            return (1...input.channels).contains(channels) ? input : nil
        case .residual(let layers):
            let shape = layers.reduce(input as ImageShape?) { shape, layer in shape.flatMap(layer.outputShape) }
            return shape == input && !layers.isEmpty ? input : nil
        case .localResponseNormalization(let size, _, _), .crossChannelNormalization(let size, _, _, _):
            return size % 2 == 1 ? input : nil
        case .innerProduct(let heads):
            let outputs = heads.reduce(0) { $0 + $1.outputs }
            return outputs >= 1 ? ImageShape(channels: outputs, height: 1, width: 1) : nil
        case .dividedInnerProduct(let head):
            guard input.area == 1, head.hasBias, head.outputs >= 1, input.channels.isMultiple(of: head.outputs) else {
                return nil
            }
            return ImageShape(channels: head.outputs, height: 1, width: 1)
        }
    }
}
