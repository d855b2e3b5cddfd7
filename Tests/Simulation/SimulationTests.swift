import Basics

#if canImport(KVSServer)
    import TestSupport
    import Testing
#endif
