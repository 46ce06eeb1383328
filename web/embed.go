// Package web is what people see: the built web client, embedded in the
// binary and served with the right caching. It knows nothing of the API; the
// client's sources are in src.
package web

import (
	"embed"
	"io/fs"
)

// dist is made by the client's build and is not committed, except for a file
// that lets this compile before the first build.
//
//go:embed all:dist
var dist embed.FS

// Assets gives the built client: index.html, assets/ and what stands beside
// them, each with .br and .gz copies where that saves anything. Before the
// first build there is nothing in it but a dot file.
func Assets() fs.FS {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("web: " + err.Error()) // the name above is a valid path
	}
	return built
}
