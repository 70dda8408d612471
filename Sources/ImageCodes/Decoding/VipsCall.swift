import CVips

/// One call of the C shim: pointers in, statuses to errors.
enum VipsCall {
    typealias Body = (
        _ data: UnsafeBufferPointer<UInt8>, _ pixelLimit: Int64, _ info: UnsafeMutablePointer<cvips_info>,
        _ error: UnsafeMutablePointer<CChar>
    ) -> cvips_status

    /// Runs `body` on the bytes of an image file, and returns what the header says.
    static func run(
        _ bytes: [UInt8], named path: ImagePath, limits: ImageDecoder.Limits, _ body: Body
    ) throws(ImageDecodingError) -> ImageHeader {
        guard !bytes.isEmpty else { throw ImageDecodingError(path: path, reason: .empty) }
        if RawSignature.matches(bytes) {
            let raw = try CameraRaw.picture(of: bytes, named: path, limits: limits)
            _ = try run(raw.bytes, named: path, limits: limits, body)
            return raw.header
        }
        var info = cvips_info()
        var message = ""
        let status = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CVIPS_ERROR_SIZE)) { text in
            guard let start = text.baseAddress else { return CVIPS_UNAVAILABLE }
            start.pointee = 0
            let status = bytes.withUnsafeBufferPointer { body($0, Int64(limits.pixels), &info, start) }
            message = String(cString: start)
            return status
        }
        var header = ImageHeader(width: Int(info.width), height: Int(info.height), format: info.formatName)
        header.pages = Int(info.pages)
        switch status {
        case CVIPS_OK:
            return header
        case CVIPS_UNKNOWN_FORMAT:
            throw ImageDecodingError(path: path, reason: .unknownFormat(recognised: ForeignFormat.name(of: bytes)))
        case CVIPS_TOO_MANY_PIXELS:
            let reason = ImageDecodingError.Reason.tooManyPixels(
                width: header.width, height: header.height, limit: limits.pixels)
            throw ImageDecodingError(path: path, reason: reason)
        case CVIPS_DAMAGED:
            throw ImageDecodingError(path: path, reason: .damaged(format: header.format, message))
        default:
            throw ImageDecodingError(path: path, reason: .decoderUnavailable(message))
        }
    }
}

extension cvips_info {
    fileprivate var formatName: String {
        withUnsafeBytes(of: format) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// Formats that are images but not read here, JPEG XL only where libvips lacks it, so that the error can name them.
enum ForeignFormat {
    private static let beginnings: [(bytes: [UInt8], name: String)] = [
        (Array("BM".utf8), "BMP"),
        ([0xFF, 0x0A], "JPEG XL"),
        ([0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20], "JPEG XL"),
        ([0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20], "JPEG 2000"),
        ([0xFF, 0x4F, 0xFF, 0x51], "JPEG 2000"),
        (Array("8BPS".utf8), "Photoshop"),
        (Array("%PDF".utf8), "PDF"),
        (Array("<svg".utf8), "SVG"),
        (Array("<?xml".utf8), "XML"),
        ([0, 0, 1, 0], "Windows icon"),
    ]

    static func name(of bytes: [UInt8]) -> String? {
        beginnings.first { bytes.starts(with: $0.bytes) }?.name
    }
}
