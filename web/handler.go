package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

const (
	// Files under assets/ have a hash in their names: they never change.
	forEver = "public, max-age=31536000, immutable"
	// Everything else is asked for each time, and answered 304 while it holds.
	askAgain = "no-cache"

	page     = "index.html"
	notBuilt = "The web client is not in this binary.\n\nRun \"make build\" in a checkout of Parley and start that binary instead.\n"
)

// contentTypes of what a build can hold; the system's own table differs from
// machine to machine.
var contentTypes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/vnd.microsoft.icon",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".map":         "application/json",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json",
	".webp":        "image/webp",
	".woff2":       "font/woff2",
}

// file is one file of the client in all its encodings.
type file struct {
	contentType string
	cache       string
	plain       variant
	brotli      variant
	gzip        variant
}

// variant is one encoding; body is nil where there is no such copy.
type variant struct {
	body     []byte
	etag     string
	encoding string
}

// client serves the files of one build.
type client struct{ files map[string]file }

// Handler serves the built client in assets (see Assets): files as they are,
// index.html for every other address without a file ending, 404 for a file
// that is not there. It reads everything once, now; a file that cannot be
// read is the error. The caller adds the security headers.
func Handler(assets fs.FS) (http.Handler, error) {
	c := client{files: map[string]file{}}
	err := fs.WalkDir(assets, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !served(name) {
			return err
		}
		c.files[name], err = load(assets, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the web client: %w", err)
	}
	return c, nil
}

// served leaves out the compressed copies and dot files.
func served(name string) bool {
	ext := path.Ext(name)
	return ext != ".br" && ext != ".gz" && !strings.HasPrefix(path.Base(name), ".")
}

func load(assets fs.FS, name string) (file, error) {
	body, err := fs.ReadFile(assets, name)
	if err != nil {
		return file{}, err
	}
	sum := sha256.Sum256(body)
	etag := hex.EncodeToString(sum[:12])
	f := file{
		contentType: contentTypes[path.Ext(name)],
		cache:       askAgain,
		plain:       variant{body: body, etag: `"` + etag + `"`},
		brotli:      variant{body: copyOf(assets, name+".br"), etag: `"` + etag + `-br"`, encoding: "br"},
		gzip:        variant{body: copyOf(assets, name+".gz"), etag: `"` + etag + `-gz"`, encoding: "gzip"},
	}
	if f.contentType == "" {
		f.contentType = "application/octet-stream"
	}
	if strings.HasPrefix(name, "assets/") {
		f.cache = forEver
	}
	return f, nil
}

// copyOf gives nil where there is no compressed copy: then the plain one is
// served.
func copyOf(assets fs.FS, name string) []byte {
	body, err := fs.ReadFile(assets, name)
	if err != nil {
		return nil
	}
	return body
}

// ServeHTTP answers GET and HEAD.
func (c client) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if f, ok := c.files[name]; ok {
		f.serve(w, r)
		return
	}
	if name == "assets" || strings.HasPrefix(name, "assets/") || path.Ext(name) != "" {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	c.servePage(w, r)
}

// servePage answers every address that the client itself understands.
func (c client) servePage(w http.ResponseWriter, r *http.Request) {
	f, ok := c.files[page]
	if !ok {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, notBuilt, http.StatusServiceUnavailable)
		return
	}
	f.serve(w, r)
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	chosen := f.choose(r.Header.Values("Accept-Encoding"))
	header := w.Header()
	header.Set("Content-Type", f.contentType)
	header.Set("Cache-Control", f.cache)
	header.Add("Vary", "Accept-Encoding")
	header.Set("ETag", chosen.etag)
	if chosen.encoding != "" {
		header.Set("Content-Encoding", chosen.encoding)
		// Offsets into a compressed copy help nobody.
		r.Header.Del("Range")
		header.Set("Content-Length", strconv.Itoa(len(chosen.body)))
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(chosen.body))
}

// choose gives the smallest copy that the client accepts.
func (f file) choose(accepted []string) variant {
	encodings := strings.Join(accepted, ",")
	for _, v := range []variant{f.brotli, f.gzip} {
		if v.body != nil && accepts(encodings, v.encoding) {
			return v
		}
	}
	return f.plain
}

// accepts reads an Accept-Encoding: named, and not with a weight of zero.
func accepts(encodings, encoding string) bool {
	for one := range strings.SplitSeq(encodings, ",") {
		name, weight, _ := strings.Cut(one, ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		q, weighted := strings.CutPrefix(strings.TrimSpace(weight), "q=")
		value, err := strconv.ParseFloat(q, 64)
		return !weighted || (err == nil && value > 0)
	}
	return false
}
