import Basics
import CLibevent
import EventLoops
import Glibc

/// From evhttp's listener to a connection of ours, or to the line of those that wait for a place.
extension HTTPServer {
    func nextBufferevent() -> Bufferevent? {
        let next = spare ?? makeBufferevent()
        spare = makeBufferevent()
        guard let bufferevent = next ?? spare.take() else { return nil }
        bufferevent_incref(bufferevent)
        if accepted.isEmpty { adoptTimer?.runSoon() }
        let hasPlace = connectionLimit.enter()
        accepted.append((bufferevent, hasPlace))
        // The listener stops within this very call of accept(2): one too many at most, which waits.
        if !hasPlace || connectionLimit.isReached { listener?.pause() }
        if LibeventMemory.isShort || !Headroom.isThere(for: 0) {
            rest(because: SystemError("malloc", errno: ENOMEM))
        }
        return bufferevent
    }

    /// Connections are of no use for now: accepts none for a moment, and says why, once in a while.
    func rest(because error: SystemError) { listener?.rest(because: error) }

    func makeBufferevent() -> Bufferevent? {
        let options = Int32(BEV_OPT_CLOSE_ON_FREE.rawValue)
        guard let bufferevent = bufferevent_socket_new(loop.base, -1, options) else { return nil }
        // Saves evhttp two system calls when it sets the descriptor.
        bufferevent_disable(bufferevent, Int16(EV_READ | EV_WRITE))
        return bufferevent
    }

    /// evhttp has set up its side of each accepted connection, and not yet looked at a socket.
    func adoptAccepted() {
        let fresh = accepted
        accepted = []
        for (bufferevent, hasPlace) in fresh {
            guard let connection = Self.connection(of: bufferevent) else {
                release(bufferevent)
                if hasPlace { connectionLimit.leave() }
                continue
            }
            if hasPlace {
                adopt(bufferevent, connection)
                bufferevent_decref(bufferevent)
            } else {
                // It waits as if it stood in the kernel's queue: evhttp must not read by itself.
                bufferevent_disable(bufferevent, Int16(EV_READ))
                parked.append(bufferevent)
            }
        }
        adoptParked()
    }

    /// evhttp has given up a connection that it has just accepted, for lack of memory.
    private func release(_ bufferevent: Bufferevent) {
        let descriptor = bufferevent_getfd(bufferevent)
        if descriptor < 0 {
            // There was none for its account of the connection: the socket is closed, and the bufferevent not
            // freed.
            bufferevent_decref(bufferevent)
        } else {
            // There was none for a request, and we own the socket; or none to watch it, and it is closed: then
            // the number may be another one's by now.
            let isOpen = event_pending(&bufferevent.pointee.ev_read, Int16(EV_READ), nil) != 0
            bufferevent_setfd(bufferevent, -1)
            if isOpen { Glibc.close(descriptor) }
            rest(because: SystemError("epoll_ctl or malloc", errno: 0))
        }
        bufferevent_decref(bufferevent)
    }

    /// Those that wait get the places that are free.
    func adoptParked() {
        while !parked.isEmpty, connectionLimit.enter() {
            guard let bufferevent = parked.popFirst() else { break }
            if let connection = Self.connection(of: bufferevent) {
                adopt(bufferevent, connection)
            } else {
                connectionLimit.leave()
            }
            bufferevent_decref(bufferevent)
        }
        if let listener, listener.isPaused {
            if parked.isEmpty, !connectionLimit.isReached {
                listener.resume()
            } else {
                waitForPlace()
            }
        } else if !parked.isEmpty {
            waitForPlace()
        }
        tellWhenEmpty()
    }

    /// evhttp's connection is the argument of its bufferevent's callbacks, the only place that names it; it
    /// has none where evhttp has given the connection up.
    private static func connection(of bufferevent: Bufferevent) -> OpaquePointer? {
        var eventCallback: bufferevent_event_cb?
        var connection: UnsafeMutableRawPointer?
        bufferevent_getcb(bufferevent, nil, nil, &eventCallback, &connection)
        return eventCallback == nil ? nil : connection.map { OpaquePointer($0) }
    }

    private func adopt(_ bufferevent: Bufferevent, _ connection: OpaquePointer) {
        guard Headroom.isThere(for: 0), !LibeventMemory.isShort else {
            let descriptor = bufferevent_getfd(bufferevent)
            bufferevent_setfd(bufferevent, -1)
            evhttp_connection_free(connection)
            Glibc.close(descriptor)
            connectionLimit.leave()
            return
        }
        let descriptor = bufferevent_getfd(bufferevent)
        bufferevent_setfd(bufferevent, -1)
        let adopted = HTTPConnection(
            server: self,
            stream: Transport(descriptor: descriptor, on: loop),
            peer: EvhttpPeer(server: self, bufferevent: bufferevent, connection: connection)
        )
        adopted.tableIndex = connections.count
        connections.append(adopted)
        if connections.count == 1 { sweepTimer?.start(after: HTTPLimits.tick) }
        observer?.connectionHasBegun()
        adopted.start()
        if isDraining { adopted.driver?.drain() }
    }

    /// The places are those of the whole process: another loop may leave one.
    private func waitForPlace() {
        guard !waitsForPlace else { return }
        waitsForPlace = true
        connectionLimit.whenPlaceIsFree { [loop, reference] in
            loop.execute { reference?.object?.placeIsFree() }
        }
    }

    private func placeIsFree() {
        waitsForPlace = false
        adoptParked()
    }
}
