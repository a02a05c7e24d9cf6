package capture

// sample is a frame made by hand from a protocol's format, and what must be
// stated of it; more may be.
type sample struct {
	frame []byte
	proto string
	vlan  int
	facts Facts
}

// samples holds at least one frame of every protocol.
func samples() map[string]sample {
	out := map[string]sample{}
	for _, m := range []map[string]sample{neighbourSamples(), bridgeSamples(), routingSamples(), gatewaySamples(), hostSamples(), managementSamples()} {
		for name, s := range m {
			out[name] = s
		}
	}
	return out
}

const lldpGroup, slowGroup, stpGroup, cdpGroup = "01 80 c2 00 00 0e", "01 80 c2 00 00 02", "01 80 c2 00 00 00", "01 00 0c cc cc cc"

func neighbourSamples() map[string]sample {
	lldp := cat(lldpTLVOf(1, x("04 02 00 5e 10 20 00")), lldpTLVOf(2, cat(x("05"), []byte("swp7"))), lldpTLVOf(3, be16(120)),
		lldpTLVOf(4, []byte("to the cellar")), lldpTLVOf(5, []byte("leaf-3.example")), lldpTLVOf(6, []byte("some switch 4.2")),
		lldpTLVOf(7, x("00 14 00 04")), lldpTLVOf(8, x("05 01 c0 00 02 21 02 00 00 00 07 00")), lldpTLVOf(8, x("11 02 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 21 02 00 00 00 07 00")),
		lldpTLVOf(127, x("00 80 c2 01 00 64")), lldpTLVOf(127, cat(x("00 80 c2 03 00 64 04"), []byte("blue"))), lldpTLVOf(127, x("00 12 0f 04 23 28")),
		lldpTLVOf(127, cat(x("00 12 bb 08"), []byte("SER123"))), lldpTLVOf(0, nil))
	cdp := cat(x("02 b4 00 00"), tlv16(1, 4, []byte("core9")), tlv16(2, 4, x("00 00 00 02 01 01 cc 00 04 c0 00 02 09 02 08 aa aa 03 00 00 00 86 dd 00 10 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 09")),
		tlv16(3, 4, []byte("Ethernet1/4")), tlv16(4, 4, x("00 00 00 29")), tlv16(5, 4, []byte("System 1.2\nbuilt")), tlv16(6, 4, []byte("box 48")),
		tlv16(9, 4, []byte("lab")), tlv16(10, 4, be16(77)), tlv16(11, 4, x("01")), tlv16(20, 4, []byte("core9.example")), tlv16(21, 4, x("06 08 2b 06 01 04 01 09 01 01")),
		tlv16(22, 4, x("00 00 00 01 01 01 cc 00 04 c0 00 02 63")))
	edp := cat(x("99 01 00 0b"), []byte("summit\x00"), x("99 02 00 24 00 00 00 03 00 00 00 00 00 00 00 00 0c 04 01 02"), make([]byte, 16),
		x("99 05 00 14 00 00 00 0a 00 00 00 00 c0 00 02 0a"), []byte("red\x00"), x("99 00 00 04"))
	edp = cat(x("01 00"), be16(16+len(edp)), x("00 00 00 05 00 00 02 00 5e 10 20 01"), edp)
	mndp := cat(x("00 00 00 09"), tlv16(1, 0, x("02 00 5e 10 20 44")), tlv16(5, 0, []byte("attic")), tlv16(7, 0, []byte("7.1 (stable)")), tlv16(8, 0, []byte("Maker")),
		tlv16(10, 0, x("10 00 00 00")), tlv16(11, 0, []byte("ABCD-1234")), tlv16(12, 0, []byte("RB5")), tlv16(16, 0, []byte("ether2")), tlv16(17, 0, x("c0 00 02 0b")))
	ubnt := cat(x("01 00 06 02 00 5e 10 20 55"), x("02 00 0a 02 00 5e 10 20 55 c0 00 02 0c"), x("03 00 04"), []byte("v6.1"), x("0a 00 04 00 00 01 00"),
		x("0b 00 04"), []byte("roof"), x("0c 00 03"), []byte("UAP"))
	ubnt = cat(x("01 00"), be16(len(ubnt)), ubnt)
	return map[string]sample{
		"lldp": {eth2(lldpGroup, 0x88cc, lldp), "lldp", 0, Facts{"chassis_id": "02:00:5e:10:20:00", "chassis_subtype": 4, "port_id": "swp7", "port_subtype": 5, "ttl": 120,
			"port_descr": "to the cellar", "sys_name": "leaf-3.example", "sys_descr": "some switch 4.2", "capabilities": []string{"bridge"},
			"addresses": []string{"192.0.2.33", "2001:db8::21"}, "port_vlan": 100, "vlans": []string{"100 blue"}, "mtu": 9000, "serial": "SER123"}},
		"lldp-tagged":       {eth2(lldpGroup, 0x8100, cat(x("60 c8 88 cc"), lldp)), "lldp", 200, Facts{"port_id": "swp7"}},
		"lldp-priority-tag": {eth2(lldpGroup, 0x8100, cat(x("e0 00 88 cc"), lldp)), "lldp", 0, Facts{"port_id": "swp7"}},
		"lldp-two-tags":     {eth2(lldpGroup, 0x88a8, cat(x("00 0a 81 00 00 14 88 cc"), lldp)), "lldp", 10, Facts{"port_id": "swp7"}},
		"cdp": {llc8023(cdpGroup, snapped("00 00 0c 20 00", cdp)), "cdp", 0, Facts{"chassis_id": "core9", "port_id": "Ethernet1/4", "platform": "box 48", "ttl": 180, "native_vlan": 77,
			"vtp_domain": "lab", "duplex": "full", "sys_name": "core9.example", "sys_object_id": "1.3.6.1.4.1.9.1.1", "addresses": []string{"192.0.2.9", "2001:db8::9", "192.0.2.99"},
			"capabilities": []string{"router", "switch", "igmp"}, "notes": []string{"checksum"}}},
		"fdp": {llc8023("01 e0 52 cc cc cc", snapped("00 e0 52 20 00", cat(x("01 b4 00 00"), tlv16(1, 4, []byte("edge1")), tlv16(3, 4, []byte("ethernet5")), tlv16(6, 4, []byte("FX")), tlv16(0x101, 4, x("00 01"))))),
			"fdp", 0, Facts{"chassis_id": "edge1", "port_id": "ethernet5", "platform": "FX"}},
		"edp": {llc8023("00 e0 2b 00 00 00", snapped("00 e0 2b 00 bb", edp)), "edp", 0, Facts{"chassis_id": "02:00:5e:10:20:01", "sys_name": "summit", "slot": 1, "port": 4,
			"version": "12.4.1.2", "vlans": []string{"red"}, "vlan_ids": []string{"10"}, "addresses": []string{"192.0.2.10"}}},
		"sonmp": {llc8023("01 00 81 00 01 00", snapped("00 00 81 01 a2", x("c0 00 02 08 00 02 0f 3c 0c 01 01"))), "sonmp", 0, Facts{"address": "192.0.2.8", "segment": "0x00020f"}},
		"mndp": {udp4("255.255.255.255", 5678, 5678, mndp), "mndp", 0, Facts{"chassis_id": "02:00:5e:10:20:44", "sys_name": "attic", "version": "7.1 (stable)", "platform": "Maker",
			"model": "RB5", "port_id": "ether2", "uptime": 16, "addresses": []string{"192.0.2.11"}}},
		"mndp-request": {udp4("255.255.255.255", 40000, 5678, x("00 00 00 00")), "mndp", 0, Facts{"sequence": 0}},
		"ubnt":         {udp4("192.0.2.200", 10001, 40000, ubnt), "ubnt", 0, Facts{"chassis_id": "02:00:5e:10:20:55", "sys_name": "roof", "version": "v6.1", "model": []string{"UAP"}, "uptime": 256, "addresses": []string{"192.0.2.12"}}},
	}
}

func bridgeSamples() map[string]sample {
	bpdu := func(version, typ string, bridge string) []byte {
		return cat(x("00 00"), x(version), x(typ), x("3c 80 01 02 00 5e 10 20 0a 00 00 4e 20"), x("80 02"), x(bridge), x("80 0c 01 00 14 00 02 00 0f 00"))
	}
	stp := bpdu("00", "00", "02 00 5e 10 20 0b")
	facts := func(f Facts) Facts {
		out := Facts{"root": "02:00:5e:10:20:0a", "cost": 20000, "port": "0x800c"}
		for k, v := range f {
			out[k] = v
		}
		return out
	}
	region := make([]byte, 32)
	copy(region, "campus\x00left over")
	mst := cat(bpdu("03", "02", "02 00 5e 10 20 0b"), x("00 00 40 00"), region, x("00 07"), make([]byte, 16), x("00 00 00 00 80 00 02 00 5e 10 20 0c 14"))
	domain := make([]byte, 32)
	copy(domain, "lab")
	end := func(mac string, port string) []byte {
		return cat(x("80 00"), x(mac), x("00 0d 00 80"), x(port), x("3d 00 00 00"))
	}
	return map[string]sample{
		"stp":                 {llc8023(stpGroup, cat(x("42 42 03"), stp)), "stp", 0, facts(Facts{"bridge": "02:00:5e:10:20:0b"})},
		"stp-topology-change": {llc8023(stpGroup, x("42 42 03 00 00 00 80")), "stp", 0, Facts{"type": 128}},
		"rstp":                {llc8023(stpGroup, cat(x("42 42 03"), bpdu("02", "02", "02 00 5e 10 20 0b"), x("00"))), "rstp", 0, facts(Facts{"bridge": "02:00:5e:10:20:0b"})},
		"mstp":                {llc8023(stpGroup, cat(x("42 42 03"), mst)), "mstp", 0, facts(Facts{"region": "campus", "revision": 7, "bridge": "02:00:5e:10:20:0c", "regional_root": "02:00:5e:10:20:0b"})},
		"pvst":                {llc8023("01 00 0c cc cc cd", snapped("00 00 0c 01 0b", cat(stp, x("00 00 00 00 02 00 2a")))), "pvst", 0, facts(Facts{"bridge": "02:00:5e:10:20:0b", "pvst_vlan": 42})},
		"pvst-rapid":          {llc8023("01 00 0c cc cc cd", snapped("00 00 0c 01 0b", cat(bpdu("02", "02", "02 00 5e 10 20 0b"), x("00 00 00 00 02 00 2b")))), "pvst", 0, facts(Facts{"pvst_vlan": 43})},
		"dtp":                 {llc8023(cdpGroup, snapped("00 00 0c 20 04", cat(x("01"), tlv16(1, 4, []byte("lab\x00")), tlv16(2, 4, x("81")), tlv16(3, 4, x("a5")), tlv16(4, 4, x("02 00 5e 10 20 31"))))), "dtp", 0, Facts{"domain": "lab", "status": 129, "chassis_id": "02:00:5e:10:20:31"}},
		"vtp-summary": {llc8023(cdpGroup, snapped("00 00 0c 20 03", cat(x("02 01 01 03"), domain, x("00 00 00 1c c0 00 02 14"), []byte("930301001234"), make([]byte, 16)))), "vtp", 0,
			Facts{"domain": "lab", "revision": 28, "updater": "192.0.2.20", "version": 2, "type": 1}},
		"vtp-request": {llc8023(cdpGroup, snapped("00 00 0c 20 03", cat(x("01 03 00 03"), domain, x("00 00 00 01")))), "vtp", 0, Facts{"domain": "lab", "type": 3}},
		"udld": {llc8023(cdpGroup, snapped("00 00 0c 01 11", cat(x("21 00 00 00"), tlv16(1, 4, []byte("FX1")), tlv16(2, 4, []byte("Gi0/1")), tlv16(3, 4, cat(x("00 00 00 01 00 03"), []byte("FX2"), x("00 02"), []byte("p9"))),
			tlv16(4, 4, x("0f")), tlv16(6, 4, []byte("sw1")), tlv16(7, 4, x("00 00 00 02"))))), "udld", 0, Facts{"device_id": "FX1", "port_id": "Gi0/1", "echo": []string{"FX2 p9"}, "sys_name": "sw1", "sequence": 2}},
		"lacp": {eth2(slowGroup, 0x8809, cat(x("01 01 01 14"), end("02 00 5e 10 20 61", "00 05"), x("02 14"), end("02 00 5e 10 20 62", "00 06"), x("03 10 00 00"), make([]byte, 12), make([]byte, 52))), "lacp", 0,
			Facts{"actor_system": "02:00:5e:10:20:61", "actor_port": 5, "actor_key": 13, "actor_state": 61, "partner_system": "02:00:5e:10:20:62", "partner_port": 6}},
	}
}

func routingSamples() map[string]sample {
	return map[string]sample{
		"ospf": {ipv4("224.0.0.5", 89, x("02 01 00 30 c0 00 02 01 00 00 00 0a 00 00 00 00 00 00 00 00 00 00 00 00 ff ff ff 00 00 0a 12 01 00 00 00 28 c0 00 02 02 c0 00 02 03 cb 00 71 07")), "ospf", 0,
			Facts{"type": 1, "router_id": "192.0.2.1", "area": "0.0.0.10", "designated_router": "192.0.2.2", "backup_router": "192.0.2.3", "neighbors": []string{"203.0.113.7"}, "mask": "255.255.255.0"}},
		"ospf-update": {ipv4("224.0.0.6", 89, x("02 04 00 1c c0 00 02 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00")), "ospf", 0, Facts{"type": 4, "router_id": "192.0.2.1", "area": "0.0.0.0"}},
		"ospf3": {ipv6("ff02::5", 89, x("03 01 00 28 c0 00 02 01 00 00 00 01 00 00 00 00 00 00 00 04 01 00 00 13 00 0a 00 28 c0 00 02 02 00 00 00 00 cb 00 71 08")), "ospf3", 0,
			Facts{"type": 1, "router_id": "192.0.2.1", "area": "0.0.0.1", "designated_router": "192.0.2.2", "neighbors": []string{"203.0.113.8"}, "interface_id": 4}},
		"eigrp": {ipv4("224.0.0.10", 88, cat(x("02 05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 fc 00"), tlv16(1, 4, x("01 00 01 00 00 00 00 0f")), tlv16(4, 4, x("0c 04 01 02")))), "eigrp", 0,
			Facts{"opcode": 5, "as": 64512, "hold": 15, "version": "12.4"}},
		"isis-hello": {llc8023("01 80 c2 00 00 14", cat(x("fe fe 03 83 1b 01 00 0f 01 00 00 03 00 00 00 00 01 01 00 1e 00 40 40 00 00 00 00 01 01 02"), x("01 04 03 49 00 01"), x("06 06 02 00 5e 10 20 99"), x("84 04 c0 00 02 04"))), "isis", 0,
			Facts{"system_id": "0000.0000.0101", "areas": []string{"490001"}, "neighbors": []string{"02:00:5e:10:20:99"}, "addresses": []string{"192.0.2.4"}}},
		"isis-lsp": {llc8023("01 80 c2 00 00 15", cat(x("fe fe 03 83 1b 01 00 14 01 00 00 00 40 04 b0 00 00 00 00 01 01 00 00 00 00 00 07 00 00 03"), x("89 03"), []byte("rt1"))), "isis", 0,
			Facts{"lsp_id": "0000.0000.0101.00-00", "hostname": "rt1", "type": 20}},
		"pim-hello":  {ipv4("224.0.0.13", 103, cat(x("20 00 00 00"), tlv16(1, 0, be16(105)), tlv16(19, 0, x("00 00 00 05")), tlv16(20, 0, x("00 00 00 63")), tlv16(24, 0, x("01 00 c0 00 02 63")))), "pim", 0, Facts{"type": 0, "hold": 105, "priority": 5, "generation": 99, "addresses": []string{"192.0.2.99"}}},
		"igmp":       {ipv4("224.0.0.1", 2, x("11 64 00 00 00 00 00 00")), "igmp", 0, Facts{"type": 17, "group": "0.0.0.0"}},
		"igmp3":      {ipv4("224.0.0.22", 2, x("22 00 00 00 00 00 00 01 04 00 00 00 ef 01 01 01")), "igmp", 0, Facts{"type": 34, "groups": []string{"239.1.1.1"}}},
		"rip":        {udp4("224.0.0.9", 520, 520, x("02 02 00 00 00 02 00 00 cb 00 71 00 ff ff ff 00 c0 00 02 fe 00 00 00 03")), "rip", 0, Facts{"command": 2, "version": 2, "routes": []string{"203.0.113.0/24 via 192.0.2.254 metric 3"}}},
		"rip-secret": {udp4("224.0.0.9", 520, 520, cat(x("02 02 00 00 ff ff 00 02"), []byte("opensesame\x00\x00\x00\x00\x00\x00"))), "rip", 0, Facts{"authentication": "present"}},
	}
}

func gatewaySamples() map[string]sample {
	return map[string]sample{
		"hsrp": {udp4("224.0.0.2", 1985, 1985, cat(x("00 00 10 03 0a 6e 05 00"), []byte("opensesa"), x("c0 00 02 fd"))), "hsrp", 0,
			Facts{"version": 1, "group": 5, "priority": 110, "virtual_address": "192.0.2.253", "state": 16, "authentication": "text"}},
		"hsrp-advertisement": {udp4("224.0.0.2", 1985, 1985, x("00 03 00 01 00 0a 02 00 00 01 00 00 00 00 00 00")), "hsrp", 0, Facts{"version": 1, "opcode": 3}},
		"hsrp2": {udp4("224.0.0.102", 1985, 1985, cat(x("01 28 02 00 06 04 01 2c 02 00 5e 10 20 30 00 00 00 69 00 00 0b b8 00 00 27 10 c0 00 02 fc"), make([]byte, 12), x("03 08"), []byte("opensesa"))), "hsrp", 0,
			Facts{"version": 2, "group": 300, "priority": 105, "virtual_address": "192.0.2.252", "authentication": "text", "hello_ms": 3000}},
		"glbp": {udp4("224.0.0.102", 3222, 3222, cat(x("01 00 00 0a 00 00 02 00 5e 10 20 31"), x("01 1c 00 20 00 64 00 00 00 00 0b b8 00 00 27 10 02 58 38 40 00 00 01 04 c0 00 02 fb"),
			x("02 14 01 20 00 a7 64 00 00 00 00 00 00 00 00 07 b4 00 0a 01"), x("03 05 01 01"), []byte("x"))), "glbp", 0,
			Facts{"group": 10, "chassis_id": "02:00:5e:10:20:31", "priority": 100, "state": 32, "virtual_address": "192.0.2.251", "virtual_macs": []string{"00:07:b4:00:0a:01"}, "authentication": "text"}},
		"vrrp2":    {ipv4("224.0.0.18", 112, x("21 07 c8 02 01 01 00 00 c0 00 02 fa c0 00 02 f9 00 00 00 00 00 00 00 00")), "vrrp", 0, Facts{"version": 2, "group": 7, "priority": 200, "addresses": []string{"192.0.2.250", "192.0.2.249"}}},
		"vrrp3":    {ipv4("224.0.0.18", 112, x("31 08 64 01 00 64 00 00 c0 00 02 f8")), "vrrp", 0, Facts{"version": 3, "group": 8, "interval_cs": 100, "addresses": []string{"192.0.2.248"}}},
		"vrrp3-v6": {ipv6("ff02::12", 112, x("31 09 64 01 00 64 00 00 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 fe")), "vrrp", 0, Facts{"group": 9, "addresses": []string{"fe80::fe"}}},
		"carp":     {ipv4("224.0.0.18", 112, cat(x("21 03 00 07 00 01 00 00"), make([]byte, 28))), "carp", 0, Facts{"group": 3}},
	}
}

func hostSamples() map[string]sample {
	options := cat(x("63 82 53 63 35 01 03"), x("0c 06"), []byte("kiosk4"), x("3c 04"), []byte("tool"), x("36 04 c0 00 02 43"), x("37 03 01 03 06"), x("52 09 01 02 00 07 02 03 aa bb cc"), x("ff"))
	dhcp := cat(x("01 01 06 00 de ad be ef 00 00 00 00 00 00 00 00 c0 00 02 4d 00 00 00 00 c0 00 02 01 02 00 5e 10 20 77"), make([]byte, 10+64+128), options)
	dhcp6 := cat(x("01 01 02 03"), tlv16(1, 0, x("00 03 00 01 02 00 5e 10 20 78")), tlv16(16, 0, cat(x("00 00 01 37 00 04"), []byte("abcd"))), tlv16(39, 0, cat(x("00"), named("kiosk6", "example"))))
	mdns := cat(x("00 00 84 00 00 01 00 02 00 00 00 01"), named("_ipp", "_tcp", "local"), x("00 0c 80 01"), named("press", "local"), x("00 01 80 01 00 00 00 78 00 04 c0 00 02 58"),
		x("c0 0c 00 0c 00 01 00 00 00 78 00 02 c0 21"), x("00 00 29 05 a0 00 00 00 00 00 00"))
	llmnr := cat(x("12 34 00 00 00 01 00 00 00 00 00 00"), named("desk7"), x("00 01 00 01"))
	nbns := cat(x("12 34 29 10 00 01 00 00 00 00 00 01"), named("EGEJEMEFDCCACACACACACACACACACAAA"), x("00 20 00 01"), x("c0 0c 00 20 00 01 00 04 93 e0 00 06 60 00 c0 00 02 59"))
	ssdp := []byte("NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nServer: Os/1 UPnP/1.0 Thing/2\r\nLOCATION:http://192.0.2.90/d.xml\r\nNT: upnp:rootdevice\r\n\r\n")
	wsd := []byte(`<?xml version="1.0"?><soap:Envelope xmlns:a="b"><soap:Header><w:Action>http://x/Hello</w:Action></soap:Header><soap:Body><d:Hello><d:Types>p:Printer p:Scanner</d:Types><d:XAddrs>http://192.0.2.91/ws</d:XAddrs></d:Hello></soap:Body></soap:Envelope>`)
	arp := x("00 01 08 00 06 04 00 01 02 00 5e 10 20 30 c0 00 02 09 00 00 00 00 00 00 c0 00 02 01")
	target := "fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01"
	return map[string]sample{
		"arp":           {eth2("ff ff ff ff ff ff", 0x0806, arp), "arp", 0, Facts{"op": 1, "sender_mac": "02:00:5e:10:20:30", "sender_address": "192.0.2.9", "target_address": "192.0.2.1"}},
		"nd-solicit":    {ipv6("ff02::1:ff00:1", 58, cat(x("87 00 00 00 00 00 00 00"), x(target), x("01 01 02 00 5e 10 20 30"))), "nd", 0, Facts{"type": 135, "target": "fe80::1", "mac": "02:00:5e:10:20:30"}},
		"nd-advertise":  {ipv6("ff02::1", 58, cat(x("88 00 00 00 a0 00 00 00"), x(target), x("02 01 02 00 5e 10 20 31"))), "nd", 0, Facts{"type": 136, "router": true, "target": "fe80::1", "mac": "02:00:5e:10:20:31"}},
		"nd-router":     {ipv6("ff02::1", 58, cat(x("86 00 00 00 40 80 07 08 00 00 00 00 00 00 00 00 01 01 02 00 5e 10 20 30 03 04 40 c0 00 00 00 00 00 00 00 00 00 00 00 00"), x("20 01 0d b8 00 01 00 00 00 00 00 00 00 00 00 00"))), "nd", 0, Facts{"type": 134, "managed": true, "router_lifetime": 1800, "prefixes": []string{"2001:db8:1::/64"}}},
		"nd-behind-hop": {ipv6("ff02::16", 0, cat(x("3a 00 05 02 00 00 01 00"), x("85 00 00 00 00 00 00 00"))), "nd", 0, Facts{"type": 133}},
		"dhcp": {udp4("255.255.255.255", 68, 67, dhcp), "dhcp", 0, Facts{"type": 3, "client_mac": "02:00:5e:10:20:77", "your_address": "192.0.2.77", "hostname": "kiosk4", "vendor_class": "tool",
			"server": "192.0.2.67", "relay": "192.0.2.1", "requested": []string{"1", "3", "6"}, "circuit_id": "0007", "remote_id": "aabbcc"}},
		"dhcp6": {udp6("ff02::1:2", 546, 547, dhcp6), "dhcp6", 0, Facts{"type": 1, "client_mac": "02:00:5e:10:20:78", "hostname": "kiosk6.example", "vendor_class": "abcd"}},
		"mdns":  {udp4("224.0.0.251", 5353, 5353, mdns), "mdns", 0, Facts{"names": []string{"_ipp._tcp.local", "press.local", "<Root>"}, "addresses": []string{"192.0.2.88"}, "pointers": []string{"press.local"}}},
		"llmnr": {udp4("224.0.0.252", 50000, 5355, llmnr), "llmnr", 0, Facts{"names": []string{"desk7"}, "response": false}},
		"nbns":  {udp4("192.0.2.255", 137, 137, nbns), "nbns", 0, Facts{"names": []string{"FILE2"}, "addresses": []string{"192.0.2.89"}}},
		"ssdp":  {udp4("239.255.255.250", 1900, 1900, ssdp), "ssdp", 0, Facts{"server": "Os/1 UPnP/1.0 Thing/2", "location": "http://192.0.2.90/d.xml", "method": "NOTIFY"}},
		"wsd":   {udp4("239.255.255.250", 3702, 3702, wsd), "wsd", 0, Facts{"types": []string{"p:Printer", "p:Scanner"}, "locations": []string{"http://192.0.2.91/ws"}, "action": "http://x/Hello"}},
	}
}

func managementSamples() map[string]sample {
	v1 := x("30 29 02 01 00 04 06 68 75 73 68 68 75 a4 1c 06 08 2b 06 01 04 01 bf 08 01 40 04 c0 00 02 09 02 01 03 02 01 00 43 01 63 30 00")
	v1[1] = byte(len(v1) - 2)
	v1[14] = byte(len(v1) - 15)
	bind := x("30 0d 06 08 2b 06 01 02 01 01 03 00 43 01 63 30 17 06 0a 2b 06 01 06 03 01 01 04 01 00 06 09 2b 06 01 06 03 01 01 05 03")
	pdu := cat(x("02 01 07 02 01 00 02 01 00 30"), []byte{byte(len(bind))}, bind)
	v2 := cat(x("02 01 01 04 06 68 75 73 68 68 75 a7"), []byte{byte(len(pdu))}, pdu)
	v2 = cat(x("30"), []byte{byte(len(v2))}, v2)
	v3 := x("30 25 02 01 03 30 0d 02 01 01 02 02 05 c0 04 01 03 02 01 03 04 11 30 0f 04 05 80 00 1f 88 04 02 01 01 02 01 02 04 00")
	v3[1] = byte(len(v3) - 2)
	board := cat(x("00 00 00 63"), tlv16(0, 0, []byte("AP-77")), tlv16(1, 0, []byte("SN9")), tlv16(4, 0, x("02 00 5e 10 20 88")))
	elements := cat(tlv16(38, 0, board), tlv16(45, 0, []byte("ap-roof")), tlv16(28, 0, []byte("roof")))
	capwap := cat(x("00 10 02 00 00 00 00 00"), x("00 00 00 03 01"), be16(len(elements)+3), x("00"), elements)
	return map[string]sample{
		"snmp-trap-v1":   {udp4("192.0.2.3", 50001, 162, v1), "snmp-trap", 0, Facts{"version": 0, "enterprise": "1.3.6.1.4.1.8072.1", "agent": "192.0.2.9", "generic": 3, "specific": 0, "uptime": 99}},
		"snmp-inform":    {udp4("192.0.2.3", 50001, 162, v2), "snmp-trap", 0, Facts{"version": 1, "trap": "1.3.6.1.6.3.1.1.5.3", "uptime": 99}},
		"snmp-trap-v3":   {udp4("192.0.2.3", 50001, 162, v3), "snmp-trap", 0, Facts{"version": 3, "engine": "80001f8804"}},
		"capwap":         {udp4("192.0.2.3", 50002, 5246, capwap), "capwap", 0, Facts{"type": 3, "model": "AP-77", "serial": "SN9", "chassis_id": "02:00:5e:10:20:88", "sys_name": "ap-roof", "location": "roof"}},
		"capwap-sealed":  {udp4("192.0.2.3", 50002, 5246, x("01 00 00 00 16 fe ff 00")), "capwap", 0, Facts{"sealed": true}},
		"capwap-data":    {udp4("192.0.2.3", 50002, 5247, x("00 10 03 00 00 00 00 00 01 02")), "capwap", 0, Facts{"channel": "data"}},
		"lwapp":          {udp4("255.255.255.255", 50003, 12223, x("02 00 5e 10 20 66 04 00 00 10 00 00 01 02 00 08 00 00 00 00")), "lwapp", 0, Facts{"chassis_id": "02:00:5e:10:20:66", "control": true, "type": 1}},
		"lwapp-ethernet": {eth2("ff ff ff ff ff ff", 0x88bb, x("04 00 00 10 00 00 01 02 00 08 00 00 00 00")), "lwapp", 0, Facts{"control": true, "type": 1}},
	}
}
