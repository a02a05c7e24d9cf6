package snmp

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/netdev"
)

func TestSoiledRecordingIsReadWithWhatIsGood(t *testing.T) {
	tests := map[string]struct {
		text    string
		oid     OID
		want    Value
		skipped int
	}{
		"plain":             {"1.3.6.1.2.1.1.5.0|4|edge-7\n", "1.3.6.1.2.1.1.5.0", Value{Type: OctetString, Bytes: []byte("edge-7")}, 0},
		"crlf":              {"1.3.6.1.2.1.1.5.0|4|edge-7\r\n", "1.3.6.1.2.1.1.5.0", Value{Type: OctetString, Bytes: []byte("edge-7")}, 0},
		"no-final-newline":  {"1.3.6.1.2.1.2.1.0|2|9", "1.3.6.1.2.1.2.1.0", Value{Type: Integer, Num: 9}, 0},
		"bars-in-the-value": {"1.3.6.1.2.1.1.1.0|4|a|b||c\n", "1.3.6.1.2.1.1.1.0", Value{Type: OctetString, Bytes: []byte("a|b||c")}, 0},
		"hex":               {"1.3.1|4x|00ff10\n", "1.3.1", Value{Type: OctetString, Bytes: []byte{0, 255, 16}}, 0},
		"odd-hex":           {"1.3.1|4x|00ff1\n", "1.3.1", Value{Type: OctetString, Bytes: []byte{0, 255}}, 0},
		"double-x":          {"1.3.1|4xx|0a\n", "1.3.1", Value{Type: OctetString, Bytes: []byte{10}}, 0},
		"escapes":           {`1.3.1|4e|a\x01\\b` + "\n", "1.3.1", Value{Type: OctetString, Bytes: []byte("a\x01\\b")}, 0},
		"address":           {"1.3.1|64|192.0.2.9\n", "1.3.1", Value{Type: IPAddress, Bytes: []byte{192, 0, 2, 9}}, 0},
		"address-in-hex":    {"1.3.1|64x|c0000209\n", "1.3.1", Value{Type: IPAddress, Bytes: []byte{192, 0, 2, 9}}, 0},
		"tag-40":            {"1.3.1|40|5\n", "1.3.1", Value{Type: Counter32, Num: 5}, 0},
		"negative":          {"1.3.1|2|-5\n", "1.3.1", Value{Type: Integer, Num: ^uint64(4)}, 0},
		"negative-counter":  {"1.3.1|65|-1\n", "1.3.1", Value{Type: Counter32, Num: 4294967295}, 0},
		"beyond-32-bits":    {"1.3.1|66|4294967297\n", "1.3.1", Value{Type: Gauge32, Num: 1}, 0},
		"named-integer":     {"1.3.1|2|up(1)\n", "1.3.1", Value{Type: Integer, Num: 1}, 0},
		"text-integer":      {"1.3.1|2|up\n1.3.2|2|4\n", "1.3.2", Value{Type: Integer, Num: 4}, 1},
		"first-of-two":      {"1.3.2|2|1\n1.3.1|2|2\n1.3.1|2|3\n", "1.3.1", Value{Type: Integer, Num: 2}, 0},
		"comment-and-empty": {"# seen on a bench\n\n1.3.1|2|2\n", "1.3.1", Value{Type: Integer, Num: 2}, 0},
		"placeholder-oid":   {"1.3.1|2|2\n1.3.<IPADDR>.1|2|2\n1.3.xx|2|1\n.1.3.4|2|1\n", "1.3.1", Value{Type: Integer, Num: 2}, 3},
		"dots-throughout":   {".1.3.1|2|2\n.1.3.2|2|7\n", "1.3.2", Value{Type: Integer, Num: 7}, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := ReadRecord(strings.NewReader(tc.text))
			if err != nil {
				t.Fatal(err)
			}
			vbs, err := r.Get(context.Background(), tc.oid)
			if err != nil {
				t.Fatal(err)
			}
			got := vbs[0].Value
			if got.Type != tc.want.Type || got.Num != tc.want.Num || !bytes.Equal(got.Bytes, tc.want.Bytes) || got.OID != tc.want.OID {
				t.Errorf("value %+v, want %+v", got, tc.want)
			}
			if r.Skipped() != tc.skipped {
				t.Errorf("skipped %d lines, want %d", r.Skipped(), tc.skipped)
			}
		})
	}
}

func TestRowsOfSparseColumnsStayTogether(t *testing.T) {
	r, err := ReadRecord(strings.NewReader("1.3.9.1.2|2|12\n1.3.9.1.1|2|11\n1.3.9.2.2.7|2|227\n1.3.9.2.1|2|21\n1.3.9.21.1|2|99\n"))
	if err != nil {
		t.Fatal(err)
	}
	tab := r.Table(context.Background(), "1.3.9.2", "1.3.9.1")
	if tab.Coverage != netdev.Complete || len(tab.Rows) != 3 {
		t.Fatalf("table %+v, want 3 complete rows", tab)
	}
	if row := tab.Rows[0]; row.Index[0] != 1 || row.Cells[0].Num != 21 || row.Cells[1].Num != 11 {
		t.Errorf("first row %+v", row)
	}
	if row := tab.Rows[1]; row.Cells[0].IsSet() || row.Cells[1].Num != 12 {
		t.Errorf("second row %+v", row)
	}
	if row := tab.Rows[2]; len(row.Index) != 2 || row.Cells[0].Num != 227 || row.Cells[1].IsSet() {
		t.Errorf("third row %+v", row)
	}
	if c := r.Table(context.Background(), "1.3.8").Coverage; c != netdev.Absent {
		t.Errorf("coverage of a table that was not recorded is %q", c)
	}
}

func TestContextsOfARecordingLieBesideIt(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"sw.snmprec": "1.3.1|2|1\n", "sw@12.snmprec": "1.3.1|2|12\n", "sw2@9.snmprec": "1.3.1|2|9\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	num := func(a Agent) uint64 {
		vbs, err := a.Get(context.Background(), "1.3.1")
		if err != nil {
			t.Fatal(err)
		}
		return vbs[0].Value.Num
	}
	r, err := OpenRecord(filepath.Join(dir, "sw.snmprec"))
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Contexts(); len(got) != 1 || got[0] != "12" {
		t.Errorf("contexts %q, want 12", got)
	}
	if a, b, c := num(r), num(r.InContext("12")), num(r.InContext("13")); a != 1 || b != 12 || c != 0 {
		t.Errorf("values %d %d %d, want 1 12 0", a, b, c)
	}
	alone, err := OpenRecord(filepath.Join(dir, "sw2.snmprec"))
	if err != nil {
		t.Fatal(err)
	}
	if got := num(alone); got != 9 {
		t.Errorf("a device of contexts only answers %d, want 9", got)
	}
	if _, err := OpenRecord(filepath.Join(dir, "none.snmprec")); err == nil {
		t.Error("no error for a file that is not there")
	}
}

func FuzzReadRecord(f *testing.F) {
	f.Add([]byte("1.3.6.1.2.1.1.5.0|4|edge\n1.3.1|4x|0fz\n1.3.2|64|300.1.1.1\n.1.3|2|up(\n|||\n4294967296.1|2|1\n"))
	f.Add([]byte("1.3.1|4e|\\x\\xzz\\\r\n1|2|--1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadRecord(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		tab := r.Table(context.Background(), "1", "1.3", "1.3.6.1.2.1.1")
		for i := 1; i < len(tab.Rows); i++ {
			if len(tab.Rows[i].Cells) != 3 {
				t.Fatalf("row of %d cells", len(tab.Rows[i].Cells))
			}
		}
		for i := 1; i < r.Len(); i++ {
			if FormatOID(r.oid(i-1)) == FormatOID(r.oid(i)) {
				t.Fatalf("%s twice", FormatOID(r.oid(i)))
			}
		}
	})
}
