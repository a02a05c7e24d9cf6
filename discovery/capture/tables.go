package capture

// etherTypes, and the tables below, are where a protocol is registered: one
// line says where it is met, what it is called and who decodes it.
func etherTypes() map[int]entry {
	return map[int]entry{
		0x0806: {"arp", decodeARP},
		0x22f4: {"isis", decodeISIS},
		0x8035: {"arp", decodeARP}, // RARP
		0x8809: {"lacp", decodeLACP},
		0x88bb: {"lwapp", decodeLWAPP},
		0xbbbb: {"lwapp", decodeLWAPP}, // before the number above was given
		0x88cc: {"lldp", decodeLLDP},
	}
}

func servicePoints() map[int]entry {
	return map[int]entry{
		0x42: {"stp", decodeSTP},
		0xfe: {"isis", decodeISIS},
	}
}

func snapProtocols() map[uint64]entry {
	return map[uint64]entry{
		0x00000c_010b: {"pvst", decodePVST},
		0x00000c_0111: {"udld", decodeUDLD},
		0x00000c_2000: {"cdp", decodeCDP},
		0x00000c_2003: {"vtp", decodeVTP},
		0x00000c_2004: {"dtp", decodeDTP},
		0x000081_01a1: {"sonmp", decodeSONMP},
		0x000081_01a2: {"sonmp", decodeSONMP},
		0x00e02b_00bb: {"edp", decodeEDP},
		0x00e052_2000: {"fdp", decodeFDP},
	}
}

func ipProtocols() map[int]entry {
	return map[int]entry{
		2:   {"igmp", decodeIGMP},
		58:  {"nd", decodeND},
		88:  {"eigrp", decodeEIGRP},
		89:  {"ospf", decodeOSPF},
		103: {"pim", decodePIM},
		112: {"vrrp", decodeVRRP},
	}
}

func udpPorts() map[int]entry {
	return map[int]entry{
		67:    {"dhcp", decodeDHCP},
		68:    {"dhcp", decodeDHCP},
		137:   {"nbns", decodeNBNS},
		162:   {"snmp-trap", decodeTrap},
		520:   {"rip", decodeRIP},
		546:   {"dhcp6", decodeDHCP6},
		547:   {"dhcp6", decodeDHCP6},
		1900:  {"ssdp", decodeSSDP},
		1985:  {"hsrp", decodeHSRP},
		2029:  {"hsrp", decodeHSRP},
		3222:  {"glbp", decodeGLBP},
		3702:  {"wsd", decodeWSD},
		5246:  {"capwap", decodeCAPWAP},
		5247:  {"capwap", decodeCAPWAP},
		5353:  {"mdns", decodeDNS},
		5355:  {"llmnr", decodeDNS},
		5678:  {"mndp", decodeMNDP},
		10001: {"ubnt", decodeUBNT},
		12222: {"lwapp", decodeLWAPP},
		12223: {"lwapp", decodeLWAPP},
	}
}
