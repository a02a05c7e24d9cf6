package web

import (
	"bytes"
	"net/http"

	"github.com/labstack/echo/v4"
)

// topologySVG answers GET /topology.svg: the map as a file that stands alone.
func (s *Server) topologySVG(c echo.Context) error {
	m, err := s.atlas(c.Request().Context(), mapFilterOf(c))
	if err != nil {
		return err
	}
	t := s.views.byName["topology-svg"]
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	if err := t.ExecuteTemplate(&b, "alone", drawMap(m.lay, m, "", "")); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="plumbline-topology.svg"`)
	return c.Blob(http.StatusOK, "image/svg+xml", b.Bytes())
}
