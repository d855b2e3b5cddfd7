import Glibc

/// Reads the limits that control groups set for this process (cgroups(7)): its own and each above it.
package struct ControlGroup {
    /// Where control groups are mounted.
    var root = "/sys/fs/cgroup"
    /// The file that names this process's groups.
    var membership = "/proc/self/cgroup"

    /// What the groups' files of version 2 say, nearest group first; empty where there are none.
    func values(v2 file: String) -> [String] {
        // `unified`: beside version 1, as systemd's hybrid layout has it.
        ["", "/unified"].flatMap {
            contents(of: file, below: root + $0, group: group(controller: ""))
        }
    }

    /// What the groups' files of version 1 say, nearest group first; empty where there are none.
    func values(v1 controller: String, _ file: String) -> [String] {
        let group = group(controller: controller)
        return contents(of: file, below: "\(root)/\(controller)", group: group)
    }

    /// From the group up to the root. Inside a container the mount often shows the container's own group
    /// as its root, while the path is as the host sees it: what is not there is passed over.
    private func contents(of file: String, below mount: String, group: String?) -> [String] {
        var names = (group ?? "").split(separator: "/")
        // Outside of the namespace: only its root can be seen.
        if names.contains("..") { names = [] }
        return (0...names.count).reversed().compactMap { depth in
            let directory = ([mount] + names.prefix(depth).map(String.init)).joined(separator: "/")
            return Self.contents(ofFile: "\(directory)/\(file)")
        }
    }

    /// This process's group: lines `ID:CONTROLLERS:PATH`, for version 2 with an
    /// empty list of controllers.
    private func group(controller: String) -> String? {
        guard let text = Self.contents(ofFile: membership) else { return nil }
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
