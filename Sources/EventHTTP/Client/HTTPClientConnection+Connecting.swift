import Basics
import CLibevent
import EventLoops
import Glibc

/// How the connection gets its socket: evhttp makes it, and it is ours from then on.
extension HTTPClientConnection {
    /// evhttp has made a socket that connects. From here on we watch it: evhttp would not tell why it
    /// fails, and that decides what is believed of the main.
    func takeSocket() {
        guard state.phase == .connecting else { return }
        let socket = bufferevent_getfd(bufferevent)
        guard socket >= 0 else {
            fail(.local)
            return
        }
        transport = Transport(descriptor: socket, on: surroundings.loop)
        bufferevent_disable(bufferevent, Int16(EV_READ | EV_WRITE))
        bufferevent_setfd(bufferevent, -1)
        watch()
    }

    private func watch() {
        do throws(SystemError) {
            try transport?.startWatching(for: self)
        } catch {
            fail(.local)
        }
    }

    /// The socket has connected, or has failed to.
    func finishConnecting() {
        guard let transport else { return }
        let descriptor = transport.descriptor
        switch ConnectingSocket(descriptor: descriptor).outcome {
        case .pending: return
        case .failed(let failure): fail(failure)
        case .connected:
            var one: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, size)
            // evhttp looks at the descriptor, prints the request, and begins to watch: the socket is
            // shown to it for just that. libevent takes no two kinds of events on one descriptor.
            transport.stopWatching()
            // From here on evhttp closes it, also where it finds at once that it has failed meanwhile.
            isSocketOfEvhttp = true
            bufferevent_setfd(bufferevent, descriptor)
            bufferevent_trigger_event(bufferevent, Int16(BEV_EVENT_CONNECTED), 0)
            guard state.phase == .connecting, !evhttpHasClosed else { return }
            bufferevent_setfd(bufferevent, -1)
            bufferevent_set_timeouts(bufferevent, nil, nil)
            _ = state.handle(.connected)
            owner?.hasConnected()
            watch()
            flush()
        }
    }
}
