package httpapi

// pagePolicy is what the web client may do: load its own files, talk to its
// own server, and nothing else. The Trusted Types policy "parley" gives out
// the addresses of our own workers.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types parley"

// apiPolicy: an answer of the API is nothing that a browser may run.
const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

const permissionsPolicy = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), " +
	"fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), " +
	"picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()"

// setHeaders sets what every answer carries. An answer of the API puts its
// own policy in place of the page's.
func setHeaders(c *call) {
	h := c.w.Header()
	h.Set("X-Request-Id", c.id)
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", permissionsPolicy)
	if c.secure {
		// On plain HTTP browsers ignore the first of these, with an error in the console.
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Strict-Transport-Security", "max-age=63072000")
	}
}

// setAPIHeaders sets what every answer of the API carries.
func setAPIHeaders(c *call) {
	h := c.w.Header()
	h.Set("Content-Security-Policy", apiPolicy)
	h.Set("Cache-Control", "no-store")
}
