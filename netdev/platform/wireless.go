package platform

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// AccessPoints is a table in which a wireless controller lists the access
// points that it manages. Several tables of one file add up; rows that tell of
// one access point (by MAC, else by serial) are one, the first table wins.
//
// Columns maps what is told (AccessPointFields) to where: a number is a column
// below Table; an OID is a column of another table that has the same index.
//
// Index names the parts of the index in order, for what no column tells:
// "mac" takes six arcs, "skip" one, any other word is a text of a length and
// its octets (RFC 2578 §7.7). What a column tells goes first.
//
// Match takes the part of a column's text that group 1 is; a text that does
// not match says nothing. States maps numbers of the state column to words.
type AccessPoints struct {
	Table   string            `yaml:"table"`
	Index   []string          `yaml:"index"`
	Columns map[string]string `yaml:"columns"`
	Match   map[string]*Regex `yaml:"match"`
	States  map[string]string `yaml:"states"`
}

// AccessPointFields are the words of AccessPoints.Columns.
func AccessPointFields() []string {
	return []string{"name", "mac", "radio_mac", "model", "serial", "version", "address", "state", "location"}
}

// OID gives the OID of the column that tells a field, "" for none.
func (t AccessPoints) OID(field string) string {
	c := t.Columns[field]
	if c != "" && !strings.Contains(c, ".") {
		return t.Table + "." + c
	}
	return c
}

var oidShape = regexp.MustCompile(`^\d+(\.\d+)*$`)

// accessPoints checks the tables of a file: fields and places are ones that a
// walk understands, and every row can be told from the others.
func (c *checker) accessPoints(tables []AccessPoints) {
	fields := AccessPointFields()
	for i, t := range tables {
		key := fmt.Sprintf("access_points[%d]", i)
		c.want(oidShape.MatchString(t.Table) && strings.Contains(t.Table, "."), key+".table", "%q is no OID", t.Table)
		for _, f := range slices.Sorted(maps.Keys(t.Columns)) {
			c.want(slices.Contains(fields, f), key+".columns", "%q is not one of %s", f, strings.Join(fields, ", "))
			c.want(oidShape.MatchString(t.Columns[f]), key+".columns."+f, "%q is neither a column's number nor an OID", t.Columns[f])
		}
		for _, w := range t.Index {
			c.want(w == "skip" || slices.Contains(fields, w), key+".index", "%q is neither skip nor one of %s", w, strings.Join(fields, ", "))
		}
		for _, f := range slices.Sorted(maps.Keys(t.Match)) {
			c.want(t.Columns[f] != "", key+".match."+f, "no column tells it")
			c.group(key+".match."+f, t.Match[f], true, 1)
		}
		c.want(len(t.Columns) > 0, key+".columns", "missing")
		c.want(t.tells("mac") || t.tells("serial"), key, "neither mac nor serial is told: nothing tells one access point from another")
		c.want(len(t.States) == 0 || t.Columns["state"] != "", key+".states", "no column tells the state")
	}
}

func (t AccessPoints) tells(field string) bool {
	return t.Columns[field] != "" || slices.Contains(t.Index, field)
}
