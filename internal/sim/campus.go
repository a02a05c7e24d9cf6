package sim

import (
	"fmt"
	"maps"

	"github.com/plumbline-net/plumbline/netdev"
)

// planned gives the devices and the cables of a plan.
func planned(name string) ([]plan, []cable, error) {
	switch name {
	case "":
		return plans(), cables(), nil
	case "campus":
		return append(plans(), campusPlans()...), append(cables(), campusCables()...), nil
	case "annex": // one more switch, of a platform that the others lack
		return append(plans(), plan{"ham-acc9", "hamburg", 39, "s5735", false, nil}),
			append(cables(), cable{"ham-core1", "ge-0/0/42", "ham-acc9", "XGigabitEthernet0/0/1", false}), nil
	}
	return nil, nil, fmt.Errorf("no plan is named %q: there are \"\", \"campus\" and \"annex\"", name)
}

// campusPlans are the devices of the campus and the branch beyond the twelve.
func campusPlans() []plan {
	out := []plan{
		{"ber-dc1", "berlin", 7, "n9k", false, nil},
		{"ber-dc2", "berlin", 8, "n9k", false, []Weakness{DefaultCommunity}},
		{"ber-rt2", "berlin", 9, "frr", false, nil},
		{"ber-rt3", "berlin", 10, "frr", false, nil},
		{"ber-mt1", "berlin", 14, "ccr", false, []Weakness{TelnetService}},
		{"ber-wlc1", "berlin", 21, "c9800", false, nil},
		{"ham-rt2", "hamburg", 4, "ccr", false, nil},
		{"ham-lab1", "hamburg", 5, "frr", false, nil},
		{"ham-acc3", "hamburg", 33, "6300m", false, nil},
		{"ham-acc4", "hamburg", 34, "6300m", false, []Weakness{DefaultCommunity}},
		{"ham-acc5", "hamburg", 35, "h5140", false, nil},
		{"ham-sw1", "hamburg", 36, "crs", false, []Weakness{HTTPServer}},
	}
	for i := 1; i <= 4; i++ {
		out = append(out, plan{fmt.Sprint("ber-leaf", i), "berlin", uint8(50 + i), "7010tx", i == 2, nil})
	}
	for i := 3; i <= 14; i++ {
		model := "6300m"
		switch {
		case i > 11:
			model = "h5140"
		case i > 8:
			model = "c9300"
		}
		out = append(out, plan{fmt.Sprint("ber-acc", i), "berlin", uint8(30 + i), model, false, nil})
	}
	return out
}

func campusCables() []cable {
	out := []cable{
		{"ber-dc1", "Ethernet1/49", "ber-dc2", "Ethernet1/49", false},
		{"ber-dc1", "Ethernet1/50", "ber-dc2", "Ethernet1/50", false},
		{"ber-dc1", "Ethernet1/53", "ber-core1", "Twe1/0/7", false},
		{"ber-dc1", "Ethernet1/54", "ber-core2", "Twe1/0/7", false},
		{"ber-dc2", "Ethernet1/53", "ber-core1", "Twe1/0/8", false},
		{"ber-dc2", "Ethernet1/54", "ber-core2", "Twe1/0/8", false},
		{"ber-wlc1", "Te0/0/0", "ber-core1", "Twe1/0/21", false},
		{"ber-wlc1", "Te0/0/1", "ber-core2", "Twe1/0/21", false},
		{"ber-rt2", "eth1", "ber-core1", "Twe1/0/22", true},
		{"ber-rt3", "eth1", "ber-core2", "Twe1/0/22", true},
		{"ber-rt2", "eth2", "ber-rt3", "eth2", true},
		{"ber-rt2", "eth3", "ber-dc1", "Ethernet1/47", true},
		{"ber-mt1", "ether2", "ber-core1", "Twe1/0/23", true},
		{"ber-mt1", "sfp-sfpplus1", "ham-rt2", "sfp-sfpplus1", true},
		{"ham-rt2", "ether2", "ham-core1", "ge-0/0/40", true},
		{"ham-rt2", "ether3", "ham-lab1", "eth1", true},
		{"ham-core1", "xe-0/2/2", "ham-acc3", "1/1/49", false},
		{"ham-core1", "xe-0/2/3", "ham-acc4", "1/1/49", false},
		{"ham-core1", "ge-0/0/41", "ham-sw1", "sfp-sfpplus1", false},
		{"ham-acc3", "1/1/50", "ham-acc5", "Ten-GigabitEthernet1/0/49", false},
	}
	for i := 1; i <= 4; i++ {
		leaf := fmt.Sprint("ber-leaf", i)
		out = append(out, cable{leaf, "Ethernet49", "ber-dc1", fmt.Sprint("Ethernet1/", i), false},
			cable{leaf, "Ethernet50", "ber-dc2", fmt.Sprint("Ethernet1/", i), false})
	}
	for i := 3; i <= 14; i++ {
		first, second := "1/1/49", "1/1/50"
		switch {
		case i > 11:
			first, second = "Ten-GigabitEthernet1/0/49", "Ten-GigabitEthernet1/0/50"
		case i > 8:
			first, second = "Te1/1/1", "Te1/1/2"
		}
		acc, port := fmt.Sprint("ber-acc", i), fmt.Sprint("Twe1/0/", i+6)
		out = append(out, cable{acc, first, "ber-core1", port, false}, cable{acc, second, "ber-core2", port, false})
	}
	return out
}

// allModels are the models of every plan.
func allModels() map[string]model {
	out := models()
	maps.Copy(out, map[string]model{
		"n9k": {platform: "cisco_nxos", vendor: "cisco", kind: netdev.Switch, name: "N9K-C93180YC-EX", objectID: "1.3.6.1.4.1.9.12.3.1.3.1812",
			descr:   "Cisco NX-OS(tm) nxos.9.3.10.bin, Software (nxos), Version %v, RELEASE SOFTWARE Copyright (c) 2002-2022 by Cisco Systems, Inc. Compiled 7/25/2022 3:00:00",
			version: "9.3(10)", oui: ouiA, pen: 9, serial: "FDO3", layout: layoutNexus, config: "nxos"},
		"c9800": {platform: "cisco_iosxe", vendor: "cisco", kind: netdev.WirelessController, name: "C9800-L-F-K9", objectID: "1.3.6.1.4.1.9.1.2861",
			descr:   "Cisco IOS Software [Cupertino], C9800 Software (C9800_IOSXE-K9), Version %v, RELEASE SOFTWARE (fc3)\r\nTechnical Support: http://www.cisco.com/techsupport\r\nCopyright (c) 1986-2023 by Cisco Systems, Inc.",
			version: "17.9.4a", oui: ouiA, pen: 9, serial: "FCL2", layout: layoutWLC, config: "iosxe_switch"},
		"7010tx": {platform: "arista_eos", vendor: "arista", kind: netdev.Switch, name: "DCS-7010TX-48", objectID: "1.3.6.1.4.1.30065.1.3011.7010.427.48",
			descr:   "Arista Networks EOS version %v running on an Arista Networks DCS-7010TX-48",
			version: "4.29.2F", oui: [3]byte{0x00, 0x1c, 0x73}, pen: 30065, serial: "JPE2", layout: layoutEOS, config: "eos"},
		"6300m": {platform: "aruba_aoscx", vendor: "aruba", kind: netdev.Switch, name: "6300M 48G 4SFP56", objectID: "1.3.6.1.4.1.47196.4.1.1.1.100",
			descr:   "Aruba JL663A 6300M 48G 4SFP56 Swch %v",
			version: "FL.10.10.1050", oui: [3]byte{0x88, 0x3a, 0x30}, pen: 47196, serial: "SG1", layout: layoutAOSCX, config: "aoscx"},
		"h5140": {platform: "hp_comware", vendor: "hpe", kind: netdev.Switch, name: "5140-48G-4SFP+ EI", objectID: "1.3.6.1.4.1.25506.11.1.309",
			descr:   "HPE Comware Platform Software, Software Version %v, Release 6635P07\r\nHPE 5140-48G-4SFP+ EI\r\nCopyright (c) 2010-2022 Hewlett Packard Enterprise Development LP",
			version: "7.1.070", oui: [3]byte{0x94, 0x18, 0x82}, pen: 25506, serial: "CN2", layout: layoutComware, config: "comware"},
		"s5735": {platform: "huawei_vrp", vendor: "huawei", kind: netdev.Switch, name: "S5735-L48T4X-A1", objectID: "1.3.6.1.4.1.2011.2.23.754",
			descr:   "S5735-L48T4X-A1\r\nHuawei Versatile Routing Platform Software\r\nVRP (R) software,Version %v (S5735 V200R022C00SPC500)\r\nCopyright (C) 2000-2022 HUAWEI TECH Co., Ltd.",
			version: "5.170", oui: [3]byte{0x48, 0xdc, 0x2d}, pen: 2011, serial: "21023", layout: layoutVRP, config: "vrp"},
		"ccr": {platform: "mikrotik_routeros", vendor: "mikrotik", kind: netdev.Router, name: "CCR2004-1G-12S+2XS", objectID: "1.3.6.1.4.1.14988.1",
			descr: "RouterOS CCR2004-1G-12S+2XS", version: "7.14.3", oui: [3]byte{0x48, 0x8f, 0x5a}, pen: 14988, serial: "HE", layout: layoutCCR, config: "routeros"},
		"crs": {platform: "mikrotik_routeros", vendor: "mikrotik", kind: netdev.Switch, name: "CRS326-24G-2S+", objectID: "1.3.6.1.4.1.14988.1",
			descr: "RouterOS CRS326-24G-2S+", version: "7.14.3", oui: [3]byte{0x48, 0x8f, 0x5a}, pen: 14988, serial: "HF", layout: layoutCRS, config: "routeros"},
		"frr": {platform: "frr", vendor: "", kind: netdev.Router, name: "", objectID: "1.3.6.1.4.1.8072.3.2.10",
			descr: "FRRouting %v on Linux 6.1.0-18-amd64 x86_64", version: "9.1", oui: [3]byte{0x52, 0x54, 0x00}, pen: 8072, layout: layoutFRR, config: "frr"},
	})
	return out
}
