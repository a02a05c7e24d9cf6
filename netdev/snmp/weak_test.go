package snmp_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
	"github.com/plumbline-net/plumbline/netdev/snmp/snmptest"
)

// Weak agents, one fault each: what is read must be whole, or said not to be.
func TestWeakAgentsAreReadWholeOrSaidNotToBe(t *testing.T) {
	const n = 70
	three := []int{2, 3, 5}
	errorAbove := func(binds int, status gosnmp.SNMPError) func(*snmptest.Agent, snmptest.Request) []snmptest.Reply {
		return func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			want := len(q.Variables)
			if q.PDUType == gosnmp.GetBulkRequest {
				want *= int(q.MaxRepetitions)
			}
			if want > binds {
				return []snmptest.Reply{{Raw: a.Encode(q, q.Variables, status, 0)}}
			}
			return a.Default(q)
		}
	}
	tests := map[string]struct {
		answer   func(*snmptest.Agent, snmptest.Request) []snmptest.Reply
		maxBinds int
		rows     int
		coverage netdev.Coverage
		reason   netdev.Reason
		most     int // requests
	}{
		"too-big-above-7":    {answer: errorAbove(7, gosnmp.TooBig), rows: n, coverage: netdev.Complete, most: 45},
		"too-big-above-2":    {answer: errorAbove(2, gosnmp.TooBig), rows: n, coverage: netdev.Complete, most: 230},
		"generr-above-4":     {answer: errorAbove(4, gosnmp.GenErr), rows: n, coverage: netdev.Complete, most: 100},
		"no-such-name-bulk":  {answer: errorAbove(9, gosnmp.NoSuchName), rows: n, coverage: netdev.Complete, most: 60},
		"cuts-rows-in-half":  {maxBinds: 8, rows: n, coverage: netdev.Complete, most: 45},
		"one-binding-a-time": {maxBinds: 1, rows: n, coverage: netdev.Complete, most: 260},
		"silent-above-12": {rows: n, coverage: netdev.Complete, most: 40, answer: func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			if int(q.MaxRepetitions)*len(q.Variables) > 12 {
				return nil
			}
			return a.Default(q)
		}},
		"always-too-big": {answer: errorAbove(0, gosnmp.TooBig), coverage: netdev.Partial, reason: netdev.BadPacket, most: 30},
		"getbulk-unknown": {rows: n, coverage: netdev.Complete, most: 260, answer: func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			if q.PDUType == gosnmp.GetBulkRequest {
				return []snmptest.Reply{{Raw: a.Encode(q, q.Variables, gosnmp.GenErr, 0)}}
			}
			return a.Default(q)
		}},
		"answers-twice": {rows: n, coverage: netdev.Complete, most: 40, answer: func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			r := a.Default(q)
			return append(r, r...)
		}},
		"wrong-request-id": {coverage: netdev.Partial, reason: netdev.Timeout, most: 3, answer: func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			q.RequestID++
			return a.Default(q)
		}},
		"truncated-packets": {coverage: netdev.Partial, reason: netdev.BadPacket, most: 3, answer: func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			r := a.Default(q)
			r[0].Raw = r[0].Raw[:len(r[0].Raw)/2]
			return r
		}},
		"huge-length": {coverage: netdev.Partial, reason: netdev.BadPacket, most: 3, answer: func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			return []snmptest.Reply{{Raw: []byte{0x30, 0x84, 0x80, 0, 0, 0, 2, 1, 1}}}
		}},
		"indefinite-length": {coverage: netdev.Partial, reason: netdev.BadPacket, most: 3, answer: func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			return []snmptest.Reply{{Raw: []byte{0x30, 0x80, 2, 1, 1, 0, 0}}}
		}},
		"nested-10000": {coverage: netdev.Partial, reason: netdev.BadPacket, most: 3, answer: func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			return []snmptest.Reply{{Raw: slices.Repeat([]byte{0x30, 0x82, 0x7f, 0x7f}, 10000)}}
		}},
		"starts-over": {rows: n, coverage: netdev.Partial, reason: netdev.OIDLoop, most: 30, answer: func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			binds, _, _ := a.Lookup(q)
			for i := range binds {
				if !strings.HasPrefix(binds[i].Name, ".1.3.6.1.2.1.2.2.1.") || binds[i].Type == gosnmp.EndOfMibView {
					binds[i] = a.MIB[0]
				}
			}
			return []snmptest.Reply{{Raw: a.Encode(q, binds, 0, 0)}}
		}},
		"repeats-the-same": {rows: 1, coverage: netdev.Partial, reason: netdev.OIDLoop, most: 3, answer: func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			var binds []gosnmp.SnmpPDU
			for range max(1, int(q.MaxRepetitions)) {
				for _, c := range []string{"2", "3", "5"} {
					binds = append(binds, gosnmp.SnmpPDU{Name: ".1.3.6.1.2.1.2.2.1." + c + ".1", Type: gosnmp.OctetString, Value: c + ".1"})
				}
			}
			return []snmptest.Reply{{Raw: a.Encode(q, binds, 0, 0)}}
		}},
		"says-nothing-in-it": {coverage: netdev.Partial, reason: netdev.BadPacket, most: 3, answer: func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			return []snmptest.Reply{{Raw: a.Encode(q, nil, 0, 0)}}
		}},
		"denies-access": {coverage: netdev.Partial, reason: netdev.AuthFailed, most: 1, answer: func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
			return []snmptest.Reply{{Raw: a.Encode(q, q.Variables, gosnmp.AuthorizationError, 0)}}
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &snmptest.Agent{Community: "lab-ro", MaxBinds: tc.maxBinds, MIB: append(snmptest.Table(ifEntry, n, three...), snmptest.System("a", "1.3.6.1.4.1.99999.1", "b")...)}
			if tc.answer != nil {
				a.Answer = func(q snmptest.Request) []snmptest.Reply { return tc.answer(a, q) }
			}
			l := dial(t, a.Start(t, "127.0.0.1:0"), community("lab-ro"))
			tab := l.Table(t.Context(), columns(ifEntry, three...)...)
			if tab.Coverage != tc.coverage || tab.Reason != tc.reason {
				t.Errorf("%s %s (%s), want %s %s", tab.Coverage, tab.Reason, tab.Detail, tc.coverage, tc.reason)
			}
			wantRows(t, tab, tc.rows, three...)
			if got := len(a.Seen()); got > tc.most {
				t.Errorf("%d requests, want at most %d", got, tc.most)
			}
		})
	}
}

func TestColumnsWithHolesKeepTheirRows(t *testing.T) {
	a := &snmptest.Agent{Community: "lab-ro", MIB: snmptest.Table(ifEntry, 40, 2, 3, 5)}
	a.MIB = slices.DeleteFunc(a.MIB, func(p gosnmp.SnmpPDU) bool {
		s := p.Value.(string)
		return s == "3.7" || s == "5.1" || s == "2.40" || strings.HasPrefix(s, "5.2")
	})
	tab := dial(t, a.Start(t, "127.0.0.1:0"), community("lab-ro")).Table(t.Context(), columns(ifEntry, 2, 3, 5, 7)...)
	if tab.Coverage != netdev.Complete || len(tab.Rows) != 40 {
		t.Fatalf("%s %s, %d rows", tab.Coverage, tab.Reason, len(tab.Rows))
	}
	for _, r := range tab.Rows {
		i := r.Index[0]
		want := []bool{i != 40, i != 7, i != 1 && i != 2 && (i < 20 || i > 29), false}
		for k := range want {
			if r.Cells[k].IsSet() != want[k] {
				t.Errorf("row %d cell %d is set: %v, want %v", i, k, r.Cells[k].IsSet(), want[k])
			}
		}
	}
}

func TestAnEndlessTableEndsAtItsLimit(t *testing.T) {
	a := &snmptest.Agent{Community: "lab-ro"}
	a.Answer = func(q snmptest.Request) []snmptest.Reply {
		at := strings.TrimPrefix(q.Variables[0].Name, ".")
		arcs, _ := snmp.ParseOID(at)
		next := uint32(0)
		if len(arcs) > 10 {
			next = arcs[10]
		}
		var binds []gosnmp.SnmpPDU
		for range q.MaxRepetitions {
			next++
			binds = append(binds, gosnmp.SnmpPDU{Name: "." + ifEntry + ".2." + string(snmp.FormatOID([]uint32{next})), Type: gosnmp.Integer, Value: 1})
		}
		return []snmptest.Reply{{Raw: a.Encode(q, binds, 0, 0)}}
	}
	a.Start(t, "127.0.0.1:0")
	l, err := snmp.Dial(t.Context(), a.Port, community("lab-ro"), snmp.Options{MaxVarbinds: 2000})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	tab := l.Table(t.Context(), columns(ifEntry, 2)...)
	if tab.Coverage != netdev.Partial || tab.Reason != netdev.WalkLimit || len(tab.Rows) < 2000 || len(tab.Rows) > 2200 {
		t.Errorf("%s %s with %d rows, want partial walk-limit with 2000", tab.Coverage, tab.Reason, len(tab.Rows))
	}
}

func TestVersion1IsWalkedWithGetNext(t *testing.T) {
	a := &snmptest.Agent{Community: "lab-ro", MIB: append(snmptest.Table(ifEntry, 9, 2, 3), snmptest.System("a", "1.3.6.1.4.1.99999.1", "b")...)}
	c := community("lab-ro")
	c.SNMP.Version = netdev.SNMPv1
	l := dial(t, a.Start(t, "127.0.0.1:0"), c)
	tab := l.Table(t.Context(), columns(ifEntry, 2, 3)...)
	wantRows(t, tab, 9, 2, 3)
	if tab.Coverage != netdev.Complete {
		t.Errorf("%s %s %s", tab.Coverage, tab.Reason, tab.Detail)
	}
	binds, err := l.Get(t.Context(), snmp.SysName, "1.3.6.1.2.1.1.77.0", snmp.SysDescr)
	if err != nil || string(binds[0].Value.Bytes) != "b" || binds[1].Value.IsSet() || string(binds[2].Value.Bytes) != "a" {
		t.Errorf("Get = %+v, %v", binds, err)
	}
	for _, q := range a.Seen() {
		if q.PDUType == gosnmp.GetBulkRequest || q.Version != gosnmp.Version1 {
			t.Fatalf("an agent of version 1 was sent %v in version %v", q.PDUType, q.Version)
		}
	}
}

func TestALateAnswerToAnEarlierTryCounts(t *testing.T) {
	a := &snmptest.Agent{Community: "lab-ro", MIB: snmptest.System("a", "1.3.6.1.4.1.99999.1", "b")}
	first := true
	a.Answer = func(q snmptest.Request) []snmptest.Reply {
		r := a.Default(q)
		if first {
			r[0].Wait = 130 * time.Millisecond
		}
		first = false
		return r
	}
	l := dial(t, a.Start(t, "127.0.0.1:0"), community("lab-ro"))
	if b, err := l.Get(t.Context(), snmp.SysName); err != nil || string(b[0].Value.Bytes) != "b" {
		t.Errorf("Get = %v, %v", b, err)
	}
}

func TestACancelledWalkSaysSo(t *testing.T) {
	a := &snmptest.Agent{Community: "nobody"}
	l := dial(t, a.Start(t, "127.0.0.1:0"), community("lab-ro"))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	begin := time.Now()
	tab := l.Table(ctx, columns(ifEntry, 2)...)
	if tab.Reason != netdev.Cancelled || time.Since(begin) > 90*time.Millisecond {
		t.Errorf("%s %s after %s", tab.Coverage, tab.Reason, time.Since(begin))
	}
}

func TestContextsAreAskedByTheirSpelling(t *testing.T) {
	mib := snmptest.Table(ifEntry, 3, 2)
	a := &snmptest.Agent{Community: "lab-ro", MIB: mib}
	a.Answer = func(q snmptest.Request) []snmptest.Reply {
		if strings.HasSuffix(q.Community, "@30") {
			return nil
		}
		return a.Default(q)
	}
	l := dial(t, a.Start(t, "127.0.0.1:0"), community("lab-ro"))
	wantRows(t, l.InContext("12").Table(t.Context(), columns(ifEntry, 2)...), 3, 2)
	if got := a.Seen()[0].Community; got != "lab-ro@12" {
		t.Errorf("asked with %q", got)
	}
	for range 4 {
		if tab := l.InContext("30").Table(t.Context(), columns(ifEntry, 2)...); tab.Coverage != netdev.Absent {
			t.Errorf("a context that is not served is %s %s, want absent", tab.Coverage, tab.Reason)
		}
	}
	wantRows(t, l.Table(t.Context(), columns(ifEntry, 2)...), 3, 2)

	b := &snmptest.Agent{Engine: "\x80\x00\x1f\x88\x04engine-one", User: user(gosnmp.SHA, gosnmp.AES), MIB: mib}
	m := dial(t, b.Start(t, "127.0.0.1:0"), login("sha", "aes128", "auth-pass-word", "priv-pass-word"))
	wantRows(t, m.InContext("12").Table(t.Context(), columns(ifEntry, 2)...), 3, 2)
	if got := b.Seen()[1].ContextName; got != "vlan-12" {
		t.Errorf("asked in context %q", got)
	}
}
