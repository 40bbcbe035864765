# Makes a task that backs up a folder each evening, or changes the one of that name, starts it at
# once, and follows its events until all of its runs have ended:
#
#     tclsh task.tcl USER TASK AGENT FOLDER <password
#
# Server and certificates are those of the last 'coffer login'.

package require coffer
namespace import coffer::*

# A task is changed only as it was seen: who is faster makes the other one fail with "conflict".
proc putTask {session name definition} {
    set tasks [$session tasks]
    set version 0
    foreach task [$tasks list] {
        if {[dict get $task name] eq $name} { set version [dict get $task version] }
    }
    set version [$tasks put $name [settings $definition] $version]
    puts "task $name: version $version"
}

# The number of the newest event; what comes behind it is news.
proc newestEvent {events} {
    set all [dict create kinds {} subjects {} components {}]
    return [dict get [$events select $all 0 1 0] newest]
}

# Prints what happens to the runs behind an event; gives 1 when all of them went well.
proc follow {events position runs} {
    set filter [dict create kinds {} subjects $runs components {}]
    set left $runs
    set good 1
    while {[llength $left] > 0} {
        # Waits up to 20 s for the next event.
        set page [$events select $filter $position 100 20000]
        set position [dict get $page position]
        foreach event [dict get $page list] {
            set run [dict get $event subject]
            puts "run $run: [dict get $event kind]"
            if {[dict get $event kind] ne "run-ended"} continue
            set left [lsearch -all -inline -not -exact $left $run]
            set state [setting [dict get $event more] state]
            puts "run $run: $state"
            if {$state ne "succeeded"} { set good 0 }
        }
    }
    return $good
}

proc work {user name agent path} {
    connect
    set session [[gate] login $user [gets stdin] $coffer::level]
    putTask $session $name [dict create source $agent:$path schedule "daily at 21:30"]
    set events [$session events]
    set position [newestEvent $events]
    set good [follow $events $position [[$session tasks] runNow $name]]
    $session logout
    return $good
}

if {[llength $argv] != 4} {
    puts stderr "usage: tclsh task.tcl USER TASK AGENT FOLDER <password"
    exit 2
}
fconfigure stdout -encoding utf-8
if {[catch { attempt { work {*}$argv } } result]} {
    puts stderr "task: $result"
    exit 1
}
exit [expr {!$result}]
