import CLibevent
import Glibc

/// The socket of a client connection, from the moment at which evhttp has connected it.
extension HTTPClientConnection {
    /// evhttp has connected and written the head of its first request into its output.
    func outputHasChanged(_ change: evbuffer_cb_info) {
        // What goes away when evhttp closes was not sent but dropped.
        if change.n_deleted > 0, !evhttpHasClosed { _ = state.handle(.bytesSent) }
        if change.n_added > 0, descriptor < 0 { adoptTimer?.runSoon() }
    }

    func adopt() {
        guard state.phase == .connecting, descriptor < 0, !evhttpHasClosed else { return }
        let socket = bufferevent_getfd(bufferevent)
        guard socket >= 0 else { return }
        descriptor = socket
        bufferevent_setfd(bufferevent, -1)
        bufferevent_set_timeouts(bufferevent, nil, nil)
        var one: Int32 = 1
        setsockopt(
            socket,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &one,
            socklen_t(MemoryLayout<Int32>.size)
        )
        let event = SocketEvent(descriptor: socket, on: loop, handler: self)
        self.event = event
        perform(state.handle(.connected))
        deadline?.set(after: timeAfterConnecting - (ContinuousClock.now - connectStart))
        do throws(SystemError) {
            try event.start()
        } catch {
            perform(state.handle(.failed))
            return
        }
        flush()
    }

    func socketIsReady(_ readiness: Readiness) {
        if readiness.contains(.peerFinished) { peerHasFinished = true }
        if readiness.contains(.readable) || peerHasFinished { mayRead = true }
        switch state.phase {
        case .sending: flush()
        case .awaitingReply: readAvailable()
        case .idle: if mayRead { perform(state.handle(.disturbed)) }
        case .new, .connecting, .closed: break
        }
    }

    func flush() {
        guard state.phase == .sending else { return }
        let output: OpaquePointer = bufferevent_get_output(bufferevent)
        var wrote = false
        while evbuffer_get_length(output) > 0 {
            if evbuffer_write(output, descriptor) >= 0 {
                wrote = true
                continue
            }
            if errno == EINTR { continue }
            if errno == EAGAIN { return }
            perform(state.handle(.failed))
            return
        }
        _ = state.handle(.requestSent)
        // evhttp expects to hear that all is written, and reads from then on. Where its bufferevent wrote
        // the last byte before we took the socket over, it has heard already.
        if wrote { bufferevent_trigger(bufferevent, Int16(EV_WRITE), 0) }
        if mayRead { readAvailable() }
    }

    private func readAvailable() {
        let input: OpaquePointer = bufferevent_get_input(bufferevent)
        while state.phase == .awaitingReply, mayRead {
            let count = read(descriptor, scratch.baseAddress, scratch.count)
            if count > 0 {
                // Most replies come in one piece. Of others, everything is read: a reset behind a part
                // makes no edge of its own.
                evbuffer_add(input, scratch.baseAddress, count)
                bufferevent_trigger(bufferevent, Int16(EV_READ), 0)
                if state.phase == .idle { mayRead = peerHasFinished }
            } else if count < 0, errno == EINTR {
                continue
            } else {
                mayRead = false
                if count < 0, errno == EAGAIN { return }
                let what = count == 0 ? BEV_EVENT_EOF : BEV_EVENT_ERROR
                bufferevent_trigger_event(bufferevent, Int16(BEV_EVENT_READING | what), 0)
            }
        }
    }
}
