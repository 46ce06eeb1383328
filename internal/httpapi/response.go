package httpapi

import (
	"bufio"
	"net"
	"net/http"
)

// responseWriter notes what was answered.
type responseWriter struct {
	http.ResponseWriter
	status int // 0 until the answer began
	bytes  int64
	// onClose is called when a connection that was handed over is closed.
	onClose func()
}

// WriteHeader begins the answer.
func (w *responseWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write adds to the answer.
func (w *responseWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Hijack hands the connection over to what upgrades it.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.status = http.StatusSwitchingProtocols
	if w.onClose != nil {
		conn = watchedConn{conn, w.onClose}
	}
	return conn, buffers, nil
}

// Unwrap lets http.ResponseController find the rest.
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
