// Package snmptest is an SNMP agent for tests, over UDP on a loopback address,
// that can be made to misbehave. It encodes and secures with gosnmp and so
// witnesses our own codec.
//
// It refuses to be a device: the simulator is that.
package snmptest

import (
	"io"
	"log"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
)

// Request is one datagram that came, decoded.
type Request struct {
	Agent *Agent
	From  *net.UDPAddr
	Raw   []byte
	*gosnmp.SnmpPacket
}

// Agent answers from a map of OIDs. Fields are set before Start.
type Agent struct {
	Community string // of versions 1 and 2c; with @ and a context too
	User      *gosnmp.UsmSecurityParameters
	Engine    string // of version 3; "" answers no version 3
	Boots     uint32
	MIB       []gosnmp.SnmpPDU // sorted by Start
	MaxBinds  int              // cuts an answer to GETBULK; 0: 200
	// Answer replaces the agent's own; it may call Agent.Default.
	Answer func(Request) []Reply

	Port netip.AddrPort
	conn *net.UDPConn
	up   time.Time
	mu   sync.Mutex
	seen []Request
	wg   sync.WaitGroup
}

// Reply is one datagram, perhaps from another socket.
type Reply struct {
	Raw  []byte
	From *net.UDPConn // nil: the agent's own
	Wait time.Duration
}

// Start serves on addr (port 0 chooses one) until the test ends.
func (a *Agent) Start(t testing.TB, addr string) *Agent {
	t.Helper()
	ua, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if a.conn, err = net.ListenUDP("udp", ua); err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(a.MIB, func(x, y gosnmp.SnmpPDU) int { return CompareOID(x.Name, y.Name) })
	a.Port = a.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	a.up = time.Now()
	a.wg.Go(a.serve)
	t.Cleanup(func() {
		_ = a.conn.Close()
		a.wg.Wait()
	})
	return a
}

// Seen lists the requests so far.
func (a *Agent) Seen() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.seen)
}

func (a *Agent) serve() {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := a.conn.ReadFromUDP(buf)
		if err != nil {
			return
		}
		raw := slices.Clone(buf[:n])
		req, ok := a.decode(raw)
		if !ok {
			continue
		}
		req.From, req.Raw, req.Agent = from, raw, a
		a.mu.Lock()
		a.seen = append(a.seen, req)
		a.mu.Unlock()
		answer := a.Answer
		if answer == nil {
			answer = a.Default
		}
		for _, r := range answer(req) {
			conn := a.conn
			if r.From != nil {
				conn = r.From
			}
			time.Sleep(r.Wait)
			_, _ = conn.WriteToUDP(r.Raw, from)
		}
	}
}

func quiet() gosnmp.Logger { return gosnmp.NewLogger(log.New(io.Discard, "", 0)) }

func (a *Agent) engineTime() uint32 { return uint32(time.Since(a.up)/time.Second) + 1000 }

// decode reads a datagram as the agent would.
func (a *Agent) decode(raw []byte) (Request, bool) {
	x := &gosnmp.GoSNMP{Version: gosnmp.Version2c, Logger: quiet()}
	if a.User != nil {
		x.Version, x.SecurityModel = gosnmp.Version3, gosnmp.UserSecurityModel
		x.MsgFlags = flagsOf(a.User)
		sp := a.User.Copy().(*gosnmp.UsmSecurityParameters)
		sp.AuthoritativeEngineID = a.Engine
		sp.Logger = quiet()
		if err := sp.InitSecurityKeys(); err != nil {
			return Request{}, false
		}
		x.SecurityParameters = sp
	}
	p, err := x.SnmpDecodePacket(slices.Clone(raw))
	if err != nil && p.SecurityParameters != nil {
		// A discovery of the engine, or keys that are not ours: the header is
		// all that can be read.
		if sp := p.SecurityParameters.(*gosnmp.UsmSecurityParameters); sp.AuthoritativeEngineID != "" && sp.UserName == "" {
			return Request{}, false
		}
		return Request{SnmpPacket: p}, p.Version == gosnmp.Version3
	}
	return Request{SnmpPacket: p}, err == nil
}

func flagsOf(u *gosnmp.UsmSecurityParameters) gosnmp.SnmpV3MsgFlags {
	switch {
	case u.PrivacyProtocol > gosnmp.NoPriv:
		return gosnmp.AuthPriv
	case u.AuthenticationProtocol > gosnmp.NoAuth:
		return gosnmp.AuthNoPriv
	}
	return gosnmp.NoAuthNoPriv
}

// Default is what a well-behaved agent answers.
func (a *Agent) Default(q Request) []Reply {
	if q.Version == gosnmp.Version3 {
		return a.default3(q)
	}
	if c, _, _ := strings.Cut(q.Community, "@"); c != a.Community || a.Community == "" {
		return nil
	}
	binds, status, index := a.Lookup(q)
	return []Reply{{Raw: a.Encode(q, binds, status, index)}}
}

func (a *Agent) default3(q Request) []Reply {
	sp, _ := q.SecurityParameters.(*gosnmp.UsmSecurityParameters)
	switch {
	case a.Engine == "":
		return nil
	case sp.AuthoritativeEngineID != a.Engine:
		return []Reply{{Raw: a.Report(q, ".1.3.6.1.6.3.15.1.1.4.0")}}
	case a.User == nil || sp.UserName != a.User.UserName:
		return []Reply{{Raw: a.Report(q, ".1.3.6.1.6.3.15.1.1.3.0")}}
	case !a.digestOK(q):
		return []Reply{{Raw: a.Report(q, ".1.3.6.1.6.3.15.1.1.5.0")}}
	case len(q.Variables) == 0:
		return []Reply{{Raw: a.Report(q, ".1.3.6.1.6.3.15.1.1.6.0")}}
	}
	binds, status, index := a.Lookup(q)
	return []Reply{{Raw: a.Encode(q, binds, status, index)}}
}

// digestOK signs the request again and compares.
func (a *Agent) digestOK(q Request) bool {
	if a.User.AuthenticationProtocol <= gosnmp.NoAuth {
		return true
	}
	x := &gosnmp.GoSNMP{Version: gosnmp.Version3, SecurityModel: gosnmp.UserSecurityModel, Logger: quiet()}
	table := gosnmp.NewSnmpV3SecurityParametersTable(quiet())
	sp := a.User.Copy().(*gosnmp.UsmSecurityParameters)
	sp.AuthoritativeEngineID = a.Engine
	sp.Logger = quiet()
	if sp.InitSecurityKeys() != nil || table.Add(sp.UserName, sp) != nil {
		return false
	}
	x.SetTrapSecurityParametersTable(table)
	x.MsgFlags = flagsOf(a.User)
	x.SecurityParameters = sp
	_, err := x.UnmarshalTrap(slices.Clone(q.Raw), false)
	return err == nil || !strings.Contains(err.Error(), "authentic")
}

// Lookup executes a request on the MIB.
func (a *Agent) Lookup(q Request) (binds []gosnmp.SnmpPDU, status gosnmp.SNMPError, index uint8) {
	next := func(oid string) gosnmp.SnmpPDU {
		i, _ := slices.BinarySearchFunc(a.MIB, oid, func(p gosnmp.SnmpPDU, o string) int {
			if CompareOID(p.Name, o) <= 0 {
				return -1
			}
			return 1
		})
		if i == len(a.MIB) {
			return gosnmp.SnmpPDU{Name: oid, Type: gosnmp.EndOfMibView}
		}
		return a.MIB[i]
	}
	switch q.PDUType {
	case gosnmp.GetRequest:
		for i, v := range q.Variables {
			at, ok := slices.BinarySearchFunc(a.MIB, v.Name, func(p gosnmp.SnmpPDU, o string) int { return CompareOID(p.Name, o) })
			switch {
			case ok:
				binds = append(binds, a.MIB[at])
			case q.Version == gosnmp.Version1:
				return q.Variables, gosnmp.NoSuchName, uint8(i + 1)
			default:
				binds = append(binds, gosnmp.SnmpPDU{Name: v.Name, Type: gosnmp.NoSuchInstance})
			}
		}
	case gosnmp.GetNextRequest:
		for i, v := range q.Variables {
			b := next(v.Name)
			if b.Type == gosnmp.EndOfMibView && q.Version == gosnmp.Version1 {
				return q.Variables, gosnmp.NoSuchName, uint8(i + 1)
			}
			binds = append(binds, b)
		}
	case gosnmp.GetBulkRequest:
		most := a.MaxBinds
		if most == 0 {
			most = 200
		}
		at := slices.Clone(q.Variables)
		for range q.MaxRepetitions {
			for i := range at {
				at[i] = next(at[i].Name)
				if len(binds) < most {
					binds = append(binds, at[i])
				}
			}
		}
	}
	return binds, 0, 0
}

// Encode writes a response.
func (a *Agent) Encode(q Request, binds []gosnmp.SnmpPDU, status gosnmp.SNMPError, index uint8) []byte {
	p := &gosnmp.SnmpPacket{
		Version: q.Version, Community: q.Community, PDUType: gosnmp.GetResponse, RequestID: q.RequestID,
		Error: status, ErrorIndex: index, Variables: nullable(binds), Logger: quiet(),
	}
	if q.Version == gosnmp.Version3 {
		sp := a.User.Copy().(*gosnmp.UsmSecurityParameters)
		sp.AuthoritativeEngineID, sp.AuthoritativeEngineBoots, sp.AuthoritativeEngineTime = a.Engine, a.Boots, a.engineTime()
		sp.Logger = quiet()
		_ = sp.InitSecurityKeys()
		sp.PrivacyParameters = []byte("salt8888")
		p.MsgID, p.MsgFlags, p.SecurityModel = q.MsgID, flagsOf(a.User), gosnmp.UserSecurityModel
		p.SecurityParameters, p.ContextEngineID, p.ContextName = sp, a.Engine, q.ContextName
	}
	raw, err := p.MarshalMsg()
	if err != nil {
		panic(err)
	}
	return raw
}

func nullable(binds []gosnmp.SnmpPDU) []gosnmp.SnmpPDU {
	out := slices.Clone(binds)
	for i := range out {
		if out[i].Type == 0 {
			out[i].Type = gosnmp.Null
		}
	}
	return out
}

// Report writes an unauthenticated Report with one counter.
func (a *Agent) Report(q Request, oid string) []byte {
	p := &gosnmp.SnmpPacket{
		Version: gosnmp.Version3, MsgID: q.MsgID, MsgFlags: gosnmp.NoAuthNoPriv, SecurityModel: gosnmp.UserSecurityModel,
		SecurityParameters: &gosnmp.UsmSecurityParameters{
			AuthoritativeEngineID: a.Engine, AuthoritativeEngineBoots: a.Boots, AuthoritativeEngineTime: a.engineTime(), Logger: quiet(),
		},
		ContextEngineID: a.Engine, PDUType: gosnmp.Report, RequestID: q.RequestID, Logger: quiet(),
		Variables: []gosnmp.SnmpPDU{{Name: oid, Type: gosnmp.Counter32, Value: uint32(1)}},
	}
	raw, err := p.MarshalMsg()
	if err != nil {
		panic(err)
	}
	return raw
}

// CompareOID orders dotted OIDs with or without a leading dot.
func CompareOID(x, y string) int { return slices.Compare(arcs(x), arcs(y)) }

func arcs(s string) (out []int) {
	for p := range strings.SplitSeq(strings.TrimPrefix(s, "."), ".") {
		n, _ := strconv.Atoi(p)
		out = append(out, n)
	}
	return out
}

// System is the system group every agent has.
func System(descr, objectID, name string) []gosnmp.SnmpPDU {
	return []gosnmp.SnmpPDU{
		{Name: ".1.3.6.1.2.1.1.1.0", Type: gosnmp.OctetString, Value: descr},
		{Name: ".1.3.6.1.2.1.1.2.0", Type: gosnmp.ObjectIdentifier, Value: "." + objectID},
		{Name: ".1.3.6.1.2.1.1.3.0", Type: gosnmp.TimeTicks, Value: uint32(4711)},
		{Name: ".1.3.6.1.2.1.1.5.0", Type: gosnmp.OctetString, Value: name},
	}
}

// Table adds rows 1…n of columns of an entry: strings "<column>.<row>".
func Table(entry string, n int, columns ...int) (out []gosnmp.SnmpPDU) {
	for _, c := range columns {
		for i := 1; i <= n; i++ {
			id := strconv.Itoa(c) + "." + strconv.Itoa(i)
			out = append(out, gosnmp.SnmpPDU{Name: "." + entry + "." + id, Type: gosnmp.OctetString, Value: id})
		}
	}
	return out
}
