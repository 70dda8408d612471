import Foundation
import Testing

/// Chromium without a window, used as a person would: by keys, and by looking at what is shown.
///
/// It is driven by the DevTools protocol over two pipes (`--remote-debugging-pipe`): messages are JSON that ends in a zero byte, and the
/// browser reads file descriptor 3 and writes 4. Each call waits for its answer, and a key press is answered when the page has dealt with it.
final class Browser {
    /// Debian's package `chromium`, where it is installed.
    static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// What went wrong.
    struct Failure: Error {
        let message: String
    }

    /// What the page asked the network or the disk for.
    private(set) var requests: [String] = []
    /// Exceptions of the page's script, and what its security policy did not allow.
    private(set) var complaints: [String] = []

    private let process: pid_t
    private let input: Int32
    private let output: Int32
    private var unread: [UInt8] = []
    private var lastCall = 0
    private var session: String?

    /// Starts a browser that keeps its files in a folder of the workspace.
    init(_ space: Workspace) throws {
        let program = try #require(Self.path)
        let (fromHere, toBrowser) = try Self.pipe()
        let (fromBrowser, toHere) = try Self.pipe()
        defer {
            close(fromHere)
            close(toHere)
        }
        let command = [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--window-size=1200,900", "--user-data-dir=\(space.file("browser"))", "--remote-debugging-pipe",
            "about:blank",
        ]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in 0...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, fromHere, 3)
        posix_spawn_file_actions_adddup2(&actions, toHere, 4)
        let arguments = command.map { strdup($0) } + [nil]
        let variables = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var started: pid_t = 0
        let code = posix_spawn(&started, program, &actions, nil, arguments, variables)
        guard code == 0 else { throw Failure(message: "\(program): \(String(cString: strerror(code)))") }
        (process, input, output) = (started, toBrowser, fromBrowser)
        signal(SIGPIPE, SIG_IGN)

        let page = try #require(try call("Target.createTarget", ["url": "about:blank"])["targetId"] as? String)
        session = try call("Target.attachToTarget", ["targetId": page, "flatten": true])["sessionId"] as? String
        for domain in ["Page", "Runtime", "Network", "Log"] { try call(domain + ".enable") }
        // Without a window nothing would have the focus.
        try call("Emulation.setFocusEmulationEnabled", ["enabled": true])
    }

    deinit {
        close(input)
        close(output)
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    }

    // MARK: Using it

    /// Opens a file, and returns when it and its images are shown.
    func open(_ file: String) throws {
        try call("Page.navigate", ["url": "file://" + file])
        try wait(for: "Page.loadEventFired")
        try see()
    }

    /// Opens a page of a service, and returns when it and its images are shown.
    func visit(_ address: String) throws {
        try call("Page.navigate", ["url": address])
        try wait(for: "Page.loadEventFired")
        try see()
    }

    /// Returns when all images are there.
    func see() throws {
        let expression = """
            new Promise(done => { (function look() {
              if ([...document.images].every(image => !image.src || image.complete && image.naturalWidth > 0)) done(true); else setTimeout(look, 5);
            })(); })
            """
        let _: Bool = try value(of: expression)
    }

    /// Presses keys one after the other, named as `KeyboardEvent.key` names them.
    func press(_ keys: String...) throws {
        let codes = [
            "Enter": 13, "Escape": 27, " ": 32, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
            "Tab": 9,
        ]
        for key in keys {
            let text = key == "Enter" ? "\r" : key.count == 1 ? key : ""
            let code = codes[key] ?? Int(key.uppercased().utf8.first ?? 0)
            for type in ["keyDown", "keyUp"] {
                try call(
                    "Input.dispatchKeyEvent",
                    [
                        "type": type, "key": key, "text": type == "keyDown" ? text : "", "windowsVirtualKeyCode": code,
                        "modifiers": key == "?" ? 8 : 0,
                    ])
            }
        }
        try see()
    }

    /// Clicks on the middle of an element.
    func click(_ selector: String) throws {
        let place: [Double] = try value(
            of:
                "(box => [box.x + box.width / 2, box.y + box.height / 2])(document.querySelector('\(selector)').getBoundingClientRect())"
        )
        for type in ["mousePressed", "mouseReleased"] {
            try call(
                "Input.dispatchMouseEvent",
                ["type": type, "x": place[0], "y": place[1], "button": "left", "clickCount": 1])
        }
        try see()
    }

    /// Turns the reader's setting to light or dark.
    func prefer(_ scheme: String) throws {
        try call("Emulation.setEmulatedMedia", ["features": [["name": "prefers-color-scheme", "value": scheme]]])
    }

    /// The value of an expression in the page; of a promise, what it comes to.
    func value<Value>(of expression: String) throws -> Value {
        let answer = try call(
            "Runtime.evaluate", ["expression": expression, "returnByValue": true, "awaitPromise": true])
        if let exception = answer["exceptionDetails"] { throw Failure(message: "\(exception)") }
        let result = (answer["result"] as? [String: Any])?["value"]
        guard let value = result as? Value else { throw Failure(message: "\(expression) is \(result ?? "undefined")") }
        return value
    }

    /// Whether an element is drawn, of some size, and not covered by another, after the page was moved to where it is.
    func isSeen(_ selector: String) throws -> Bool {
        try value(
            of: """
                (element => {
                  if (!element || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
                  element.scrollIntoView({ block: "center", behavior: "instant" });
                  const box = element.getBoundingClientRect();
                  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                  return box.width > 0 && box.height > 0 && element.contains(top);
                })(document.querySelector('\(selector)'))
                """)
    }

    /// The text of an element as it is seen.
    func text(_ selector: String) throws -> String {
        try value(of: "document.querySelector('\(selector)').innerText")
    }

    // MARK: The protocol

    @discardableResult
    private func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
        lastCall += 1
        var message: [String: Any] = ["id": lastCall, "method": method, "params": parameters]
        if let session { message["sessionId"] = session }
        var bytes = [UInt8](try JSONSerialization.data(withJSONObject: message)) + [0]
        while !bytes.isEmpty {
            let written = write(input, bytes, bytes.count)
            guard written > 0 else { throw Failure(message: "the browser has ended") }
            bytes.removeFirst(written)
        }
        while true {
            let answer = try next()
            guard answer["id"] as? Int == lastCall else { continue }
            if let error = answer["error"] { throw Failure(message: "\(method): \(error)") }
            return answer["result"] as? [String: Any] ?? [:]
        }
    }

    private func wait(for event: String) throws {
        while try next()["method"] as? String != event {}
    }

    /// The next message, noted if it tells of a request or a complaint.
    private func next() throws -> [String: Any] {
        while !unread.contains(0) {
            var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, 120_000) == 1 else { throw Failure(message: "the browser does not answer") }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(output, &bytes, bytes.count)
            guard count > 0 else { throw Failure(message: "the browser has ended") }
            unread += bytes[..<count]
        }
        let end = unread.firstIndex(of: 0) ?? unread.endIndex
        let message = try JSONSerialization.jsonObject(with: Data(unread[..<end])) as? [String: Any] ?? [:]
        unread.removeSubrange(...end)
        let parameters = message["params"] as? [String: Any] ?? [:]
        switch message["method"] as? String {
        case "Network.requestWillBeSent":
            requests.append((parameters["request"] as? [String: Any])?["url"] as? String ?? "")
        case "Runtime.exceptionThrown":
            complaints.append("\(parameters["exceptionDetails"] ?? "")")
        case "Log.entryAdded":
            let entry = parameters["entry"] as? [String: Any] ?? [:]
            if entry["source"] as? String == "security" { complaints.append("\(entry["text"] ?? "")") }
        default: break
        }
        return message
    }

    /// A pipe whose ends no other program inherits, and which are out of the way of the numbers that the browser's get.
    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Foundation.pipe(&ends) == 0 else { throw Failure(message: "no pipe") }
        let lifted = ends.map { fcntl($0, F_DUPFD_CLOEXEC, 10) }
        ends.forEach { close($0) }
        return (lifted[0], lifted[1])
    }
}
