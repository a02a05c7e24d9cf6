package web

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

//go:embed all:dist
var distFS embed.FS

// assets maps logical names to the hashed files that were built.
type assets struct {
	files    fs.FS
	manifest map[string]string
}

const assetsMissing = "assets are missing: build with make\n"

func readAssets(dist fs.FS) (assets, error) {
	b, err := fs.ReadFile(dist, "dist/manifest.json")
	if err != nil {
		return assets{}, nil // a clean checkout: told on every page
	}
	a := assets{manifest: map[string]string{}}
	if err := json.Unmarshal(b, &a.manifest); err != nil {
		return assets{}, err
	}
	a.files, err = fs.Sub(dist, "dist/assets")
	return a, err
}

// there says whether the assets were built into this binary.
func (a assets) there() bool { return len(a.manifest) > 0 }

// path gives the address of a logical name such as "app.js".
func (a assets) path(name string) string {
	if f, ok := a.manifest[name]; ok {
		return "/static/" + f
	}
	return "/static/" + name
}

var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
}

// static serves one built file. Names are looked up as they are: no directory
// is listed and no path of the request reaches a file system.
func (s *Server) static(c echo.Context) error {
	name := c.Param("*")
	if !s.assets.there() || strings.ContainsAny(name, "/\\") || !fs.ValidPath(name) {
		return echo.ErrNotFound
	}
	b, err := fs.ReadFile(s.assets.files, name)
	if err != nil {
		return echo.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return c.Blob(http.StatusOK, mediaTypes[path.Ext(name)], b)
}
