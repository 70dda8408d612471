import CRaw

/// The raw files of cameras, where this was built with LibRaw: CR2, CR3, NEF, ARW, DNG, RAF, ORF, RW2, PEF and others.
///
/// What is decoded is the picture that the camera put into the file, if it has 512 pixels or more on its longer side, else the sensor's data
/// developed at half their size. So a raw file and the JPEG that the camera wrote beside it get codes that are near each other.
enum CameraRaw {
    /// What `ImageHeader.format` says of raw files.
    static let format = ImageFormat.cameraRaw.name

    /// The version of LibRaw; nil where this was built without it.
    static var libraryVersion: String? {
        craw_version().map { String(String(cString: $0).prefix { $0 != "-" }) }
    }

    /// Finds the picture in a raw file: the bytes of a JPEG, PPM or PGM, and what the header says of the photograph.
    ///
    /// - Throws: `ImageDecodingError`.
    static func picture(
        of bytes: [UInt8], named path: ImagePath, limits: ImageDecoder.Limits
    ) throws(ImageDecodingError) -> (bytes: [UInt8], header: ImageHeader) {
        var info = craw_info()
        var memory: UnsafeMutablePointer<UInt8>?
        var length = 0
        var text = [CChar](repeating: 0, count: Int(CRAW_ERROR_SIZE))
        let status = bytes.withUnsafeBufferPointer {
            craw_picture($0.baseAddress, $0.count, Int64(limits.pixels), &memory, &length, &info, &text)
        }
        defer { craw_free(memory) }
        let header = ImageHeader(width: Int(info.width), height: Int(info.height), format: format)
        switch status {
        case CRAW_OK:
            return (Array(UnsafeBufferPointer(start: memory, count: length)), header)
        case CRAW_UNAVAILABLE:
            throw ImageDecodingError(path: path, reason: .libraryMissing(format: "camera RAW", library: "LibRaw"))
        case CRAW_TOO_MANY_PIXELS:
            let reason = ImageDecodingError.Reason.tooManyPixels(
                width: header.width, height: header.height, limit: limits.pixels)
            throw ImageDecodingError(path: path, reason: reason)
        default:
            let message = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw ImageDecodingError(path: path, reason: .damaged(format: format, message))
        }
    }
}
