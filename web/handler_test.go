package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func built() fstest.MapFS {
	return fstest.MapFS{
		"index.html":              {Data: []byte("<!doctype html><title>Parley</title>")},
		"index.html.br":           {Data: []byte("page in brotli")},
		"index.html.gz":           {Data: []byte("page in gzip")},
		"favicon.svg":             {Data: []byte("<svg/>")},
		"manifest.webmanifest":    {Data: []byte("{}")},
		"assets/app-abc123.js":    {Data: []byte("console.log(1)")},
		"assets/app-abc123.js.br": {Data: []byte("script in brotli")},
		"assets/app-abc123.js.gz": {Data: []byte("script in gzip")},
		".keep":                   {},
	}
}

func ask(t *testing.T, files fstest.MapFS, method, target string, headers ...string) (*http.Response, string) {
	t.Helper()
	handler, err := Handler(files)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Result(), string(body)
}

func TestHashedAssetsAreCachedForAYear(t *testing.T) {
	resp, body := ask(t, built(), "GET", "/assets/app-abc123.js")
	if body != "console.log(1)" || resp.StatusCode != http.StatusOK {
		t.Errorf("got %d %q", resp.StatusCode, body)
	}
	want := map[string]string{
		"Cache-Control": "public, max-age=31536000, immutable",
		"Content-Type":  "text/javascript; charset=utf-8",
		"Vary":          "Accept-Encoding",
	}
	for name, value := range want {
		if got := resp.Header.Get(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

func TestTheSmallestAcceptedCopyIsServed(t *testing.T) {
	tests := []struct{ accept, encoding, body string }{
		{"gzip, deflate, br, zstd", "br", "script in brotli"},
		{"gzip, deflate", "gzip", "script in gzip"},
		{"br;q=0, gzip;q=0.5", "gzip", "script in gzip"},
		{"BR;q=0.1", "br", "script in brotli"},
		{"br; q=0.000, gzip;q=0", "", "console.log(1)"},
		{"identity", "", "console.log(1)"},
		{"", "", "console.log(1)"},
	}
	for _, tt := range tests {
		resp, body := ask(t, built(), "GET", "/assets/app-abc123.js", "Accept-Encoding", tt.accept)
		if body != tt.body || resp.Header.Get("Content-Encoding") != tt.encoding {
			t.Errorf("Accept-Encoding %q got %q in %q", tt.accept, body, resp.Header.Get("Content-Encoding"))
		}
		if got := resp.Header.Get("Content-Type"); got != "text/javascript; charset=utf-8" {
			t.Errorf("Accept-Encoding %q got the type %q", tt.accept, got)
		}
	}
}

func TestAMissingAssetIsNeverThePage(t *testing.T) {
	for _, target := range []string{"/assets/app-old999.js", "/assets/", "/assets/sub/x", "/favicon.ico", "/robots.txt"} {
		resp, body := ask(t, built(), "GET", target)
		if resp.StatusCode != http.StatusNotFound || strings.Contains(body, "<title>") {
			t.Errorf("%s got %d %q", target, resp.StatusCode, body)
		}
	}
}

func TestEveryAddressOfTheClientIsThePageAndAskedForAgain(t *testing.T) {
	for _, target := range []string{"/", "/rooms/launch", "/rooms/launch/12", "/setup", "/settings/you", "/index.html"} {
		resp, body := ask(t, built(), "GET", target)
		if resp.StatusCode != http.StatusOK || !strings.Contains(body, "<title>Parley") {
			t.Errorf("%s got %d %q", target, resp.StatusCode, body)
		}
		if got := resp.Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s may be kept: %q", target, got)
		}
	}
}

func TestAnUnchangedPageIsNotSentAgain(t *testing.T) {
	first, _ := ask(t, built(), "GET", "/", "Accept-Encoding", "br")
	again, body := ask(t, built(), "GET", "/rooms", "Accept-Encoding", "br", "If-None-Match", first.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("got %d %q", again.StatusCode, body)
	}
	changed := built()
	changed["index.html"] = &fstest.MapFile{Data: []byte("<title>Parley 2</title>")}
	other, _ := ask(t, changed, "GET", "/", "Accept-Encoding", "br", "If-None-Match", first.Header.Get("ETag"))
	if other.StatusCode != http.StatusOK {
		t.Errorf("a changed page got %d", other.StatusCode)
	}
}

func TestEncodingsHaveETagsOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, encoding := range []string{"br", "gzip", "identity"} {
		resp, _ := ask(t, built(), "GET", "/", "Accept-Encoding", encoding)
		seen[resp.Header.Get("ETag")] = true
	}
	if len(seen) != 3 || seen[""] {
		t.Errorf("got the tags %v", seen)
	}
}

func TestHeadTellsTheSizeWithoutTheBody(t *testing.T) {
	resp, body := ask(t, built(), "HEAD", "/assets/app-abc123.js", "Accept-Encoding", "br")
	if body != "" || resp.Header.Get("Content-Length") != "16" {
		t.Errorf("got %q of length %q", body, resp.Header.Get("Content-Length"))
	}
}

func TestOnlyReadingIsPossible(t *testing.T) {
	resp, _ := ask(t, built(), "POST", "/")
	if resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("got %d, allowed %q", resp.StatusCode, resp.Header.Get("Allow"))
	}
}

func TestIconAndManifestHaveTheirTypes(t *testing.T) {
	for target, want := range map[string]string{"/favicon.svg": "image/svg+xml", "/manifest.webmanifest": "application/manifest+json"} {
		resp, _ := ask(t, built(), "GET", target)
		if got := resp.Header.Get("Content-Type"); got != want || resp.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s has the type %q, cached %q", target, got, resp.Header.Get("Cache-Control"))
		}
	}
}

func TestCopiesAndDotFilesHaveNoAddress(t *testing.T) {
	for _, target := range []string{"/index.html.br", "/.keep", "/assets/app-abc123.js.gz", "/../embed.go"} {
		resp, _ := ask(t, built(), "GET", target)
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s got %d", target, resp.StatusCode)
		}
	}
}

func TestWithoutABuiltClientThePageSaysWhatToDo(t *testing.T) {
	resp, body := ask(t, fstest.MapFS{".keep": {}}, "GET", "/rooms")
	if resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "make build") {
		t.Errorf("got %d %q", resp.StatusCode, body)
	}
	if got := resp.Header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("got the type %q", got)
	}
}

func TestTheEmbeddedClientCanBeServed(t *testing.T) {
	if _, err := Handler(Assets()); err != nil {
		t.Fatal(err)
	}
}
