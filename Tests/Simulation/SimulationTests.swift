import Basics

#if canImport(KVSServer)
    import Testing
#endif
