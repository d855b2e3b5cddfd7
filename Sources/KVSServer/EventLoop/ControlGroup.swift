import Glibc

/// Reads the limits that a container's control group sets for this process (cgroups(7)).
enum ControlGroup {
    /// The first line of a file of version 2 of control groups, nearest group first; nil where there is
    /// no such file.
    static func value(v2 file: String) -> String? {
        first(of: file, below: "/sys/fs/cgroup", group: group(controller: ""))
    }

    /// The first line of a file of version 1; nil where there is no such file.
    static func value(v1 controller: String, _ file: String) -> String? {
        first(of: file, below: "/sys/fs/cgroup/\(controller)", group: group(controller: controller))
    }

    /// Inside a container the mount often shows the container's own group as its root, while
    /// /proc/self/cgroup names the path as the host sees it: try the path, then the root.
    private static func first(of file: String, below root: String, group: String?) -> String? {
        if let group, group != "/", let line = firstLine(ofFile: "\(root)\(group)/\(file)") {
            return line
        }
        return firstLine(ofFile: "\(root)/\(file)")
    }

    /// This process's group, by /proc/self/cgroup: lines `ID:CONTROLLERS:PATH`, for version 2 with an
    /// empty list of controllers.
    private static func group(controller: String) -> String? {
        guard let text = contents(ofFile: "/proc/self/cgroup") else { return nil }
        for line in text.split(separator: "\n") {
            let fields = line.split(
                separator: ":",
                maxSplits: 2,
                omittingEmptySubsequences: false
            )
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",")
            if controller.isEmpty ? fields[1].isEmpty : controllers.contains(Substring(controller))
            {
                return String(fields[2])
            }
        }
        return nil
    }

    private static func firstLine(ofFile path: String) -> String? {
        contents(ofFile: path)?.split(separator: "\n").first.map(String.init)
    }

    /// At most 64 KiB of a file; nil where it cannot be read.
    static func contents(ofFile path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            while count < buffer.count {
                // Safe: a buffer of non-zero capacity has a base address.
                let got = read(descriptor, buffer.baseAddress! + count, buffer.count - count)
                guard got > 0 else { break }
                count += got
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
