package realtime

// BreakParking ends what waits for idle connections as if epoll had failed.
func (h *Hub) BreakParking() { _ = h.parkingLot().poll.Close() }
