package realtime

import "errors"

// noFD is the descriptor of a connection that was never parked.
const noFD = -1

// parkingLot is where connections are left that say nothing. The first one
// opens it, and the hub closes it; nil where there can be none.
func (h *Hub) parkingLot() *parking {
	h.parkOnce.Do(func() {
		lot, err := newParking()
		if err != nil {
			if !errors.Is(err, errors.ErrUnsupported) {
				h.log.Warn("each idle connection keeps a goroutine", "error", err)
			}
			return
		}
		if !h.goes(func() { h.runParking(lot) }) {
			lot.close()
			return
		}
		h.parking = lot
	})
	return h.parking
}

func (h *Hub) runParking(lot *parking) {
	if err := lot.run(h.ctx); err != nil {
		h.log.Error("idle connections have goroutines from now on", "error", err)
		for _, c := range lot.retire() {
			c.wake()
		}
	}
}

// closeParking comes after all goroutines of the hub have ended.
func (h *Hub) closeParking() {
	h.parkOnce.Do(func() {}) // it is not opened from now on
	if h.parking != nil {
		h.parking.close()
	}
}

// park leaves a connection that says nothing: the caller, who has read from
// it, must not touch what is the reader's any more. It reports false if the
// caller has to read on.
func (c *conn) park() bool {
	if c.raw == nil || c.closing.Load() {
		return false
	}
	lot := c.hub.parkingLot()
	if lot == nil || c.fd == noFD && !lot.admit(c) {
		return false
	}
	c.parked.Store(true)
	// Whoever closes the connection, or the hub, looks for parked ones
	// afterwards: either they find this one, or it sees here that they came.
	if lot.arm(c) && !c.closing.Load() && c.hub.ctx.Err() == nil {
		return true
	}
	return !c.parked.CompareAndSwap(true, false) // they have found it already
}

// wake has a parked connection read from again: something has come, or it is
// to end.
func (c *conn) wake() {
	if c.parked.CompareAndSwap(true, false) && !c.hub.goes(func() { c.serve(nil) }) {
		c.finish()
	}
}
