package ifneeded coffer 1.0 [list source -encoding utf-8 [file join $dir coffer.tcl]]
