# Logs in at a Coffer server, lists its agents, browses a folder of one of them, backs the folder up
# and follows the run to its end:
#
#     tclsh client.tcl USER AGENT FOLDER <password
#
# Server and certificates are those of the last 'coffer login'.

package require coffer
namespace import coffer::*

proc printAgents {session} {
    foreach agent [[$session agents] list] {
        puts "agent [dict get $agent name]: [dict get $agent state]"
    }
}

proc printFolder {session agent path} {
    set root [[$session agents] root $agent]
    set folder [$root find [octets [string range $path 1 end]]]
    set entries [$folder list 1000 rest]
    if {$rest ne "0"} {
        while {[set more [$rest next 1000 page]; lappend entries {*}$page; set more]} {}
    }
    set lines {}
    foreach entry $entries {
        lappend lines "[dict get $entry kind] [text [dict get $entry name]]"
    }
    foreach line [lsort $lines] { puts $line }
}

# Gives 1 when everything was backed up.
proc backUp {session agent path} {
    set runs [$session runs]
    set number [$runs startBackup $agent [list [octets $path]] {} main {}]
    set before ""
    while 1 {
        set run [$runs get $number]
        set state [dict get $run state]
        set line "$state, [setting [dict get $run counts] files 0] files"
        if {$line ne $before} { puts "run $number: $line" }
        set before $line
        if {$state in {succeeded warnings failed cancelled}} {
            puts "snapshot [dict get $run snapshot]"
            puts -nonewline [dict get $run message]
            return [expr {$state eq "succeeded"}]
        }
        after 500
    }
}

proc work {user agent path} {
    connect
    set session [[gate] login $user [gets stdin] $coffer::level]
    printAgents $session
    printFolder $session $agent $path
    set good [backUp $session $agent $path]
    $session logout
    return $good
}

if {[llength $argv] != 3} {
    puts stderr "usage: tclsh client.tcl USER AGENT FOLDER <password"
    exit 2
}
fconfigure stdout -encoding utf-8
if {[catch { attempt { work {*}$argv } } result]} {
    puts stderr "client: $result"
    exit 1
}
exit [expr {!$result}]
