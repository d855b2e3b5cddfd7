// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "kvs",
    products: [
        .executable(name: "kvs", targets: ["kvs"]),
        .library(name: "KVSServer", targets: ["KVSServer"]),
        .library(name: "KVSClient", targets: ["KVSClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibevent",
            pkgConfig: "libevent",
            providers: [.apt(["libevent-dev"])]
        ),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CXXHash", providers: [.apt(["libxxhash-dev"])]),
        .target(
            name: "Basics",
            dependencies: ["CMalloc"],
            swiftSettings: strict
        ),
        .target(
            name: "Wire",
            dependencies: ["Basics"],
            swiftSettings: strict
        ),
        .target(
            name: "EventLoops",
            dependencies: [
                "Basics",
                "CLibevent",
                "CMalloc",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "EventHTTP",
            dependencies: [
                "Basics",
                "CLibevent",
                "EventLoops",
                "Wire",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "KVSStore",
            dependencies: ["Basics", "CXXHash", "Wire"],
            swiftSettings: strict
        ),
        .target(
            name: "KVSServer",
            dependencies: [
                "Basics",
                "EventHTTP",
                "EventLoops",
                "KVSStore",
                "Wire",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "KVSClient",
            dependencies: ["Basics", "EventHTTP", "EventLoops", "Wire"],
            swiftSettings: strict
        ),
        .target(
            name: "ContractCases",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "kvs",
            dependencies: [
                "Basics",
                "ContractCases",
                "EventHTTP",
                "EventLoops",
                "KVSClient",
                "KVSServer",
                "KVSStore",
                "Wire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "TestSupport",
            dependencies: ["Basics", "ContractCases"],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .testTarget(
            name: "BasicsTests",
            dependencies: ["Basics", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WireTests",
            dependencies: ["Basics", "TestSupport", "Wire"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EventLoopsTests",
            dependencies: ["Basics", "EventLoops", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EventHTTPTests",
            dependencies: ["Basics", "EventHTTP", "TestSupport", "Wire"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "KVSStoreTests",
            dependencies: ["Basics", "KVSStore", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "KVSServerTests",
            dependencies: ["Basics", "KVSServer", "KVSStore", "TestSupport", "Wire"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ContractCasesTests",
            dependencies: ["ContractCases"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Basics", "KVSServer", "TestSupport"],
            path: "Tests/Simulation",
            exclude: ["PutBack", "Standalone"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ServerSimulationTests",
            dependencies: [
                "Basics", "CLibevent", "EventHTTP", "EventLoops", "TestSupport", "Wire",
            ],
            path: "Tests/ServerSimulation",
            exclude: ["PutBack", "Standalone"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "allocation-faults",
            dependencies: [
                "CLibevent",
                "EventLoops",
                "KVSServer",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Tests/AllocationFaults",
            swiftSettings: strict
        ),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "Basics", "ContractCases", "CXXHash", "EventHTTP", "EventLoops", "KVSClient",
                "KVSServer", "TestSupport", "Wire",
                "allocation-faults", "kvs",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
