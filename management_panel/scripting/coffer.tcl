# Package coffer: a Coffer server's IDL objects for Tcl, through Combat (Debian's tcl-combat) and TLS
# (tcl-tls). docs/scripting.md tells how it is used.
#
#     package require coffer
#     coffer::connect                      ;# with what 'coffer login' has left
#     set session [[coffer::gate] login $user $password $coffer::level]

package require Tcl 8.6
package require combat 0.8
package require tls 1.7
source -encoding utf-8 [file join [file dirname [info script]] coffer_idl.tcl]

namespace eval coffer {
    # Level of the protocol that these scripts speak.
    variable level 1

    variable server ""   ;# host:port
    variable folder ""   ;# with the certificates

    # Seconds of a moment that nobody knows.
    variable unknownSeconds -9223372036854775807
    namespace export connect gate setting settings text octets attempt
}

# Settles which server is talked to, and as whom: by default as `coffer login` has left it. Nothing
# is sent yet.
proc coffer::connect {{where ""} {config ""}} {
    variable server
    variable folder [expr {$config eq "" ? [UserFolder] : $config}]
    set server [expr {$where eq "" ? [SavedServer] : $where}]
    if {![regexp {^(.+):(\d+)$} $server]} { error "no server's address: '$server'" }
    # Texts are UTF-8 on the wire. Combat converts to what is not its own.
    corba::init -ORBNativeCodeSet iso8859-1
    return $server
}

# The object that answers whoever has a certificate of the network.
proc coffer::gate {} {
    variable server
    Connection  ;# here, because Combat does not tell what is wrong
    set gate [corba::string_to_object corbaloc:iiop:1.2@$server/CofferGate]
    if {![$gate _is_a IDL:Coffer/Gate:1.0]} { error "$server is no Coffer server" }
    return $gate
}

# The value of a setting; `otherwise` when it is missing.
proc coffer::setting {settings name {otherwise ""}} {
    foreach setting $settings {
        if {[dict get $setting name] eq $name} { return [dict get $setting value] }
    }
    return $otherwise
}

# Settings from a dictionary.
proc coffer::settings {values} {
    set settings {}
    dict for {name value} $values { lappend settings [list name $name value $value] }
    return $settings
}

# Names and paths are octets; nearly always they are UTF-8.
proc coffer::text {octets} { encoding convertfrom utf-8 $octets }
proc coffer::octets {text} { encoding convertto utf-8 $text }

# Runs a script in the caller's place; an exception of a call in it becomes an error whose message is
# for people and whose errorCode is {COFFER code}, with the codes of docs/protocol.md.
proc coffer::attempt {script} {
    if {![catch { uplevel 1 $script } result options]} { return $result }
    if {[catch { lassign $result exception members }]} { return -options $options $result }
    if {$exception eq "IDL:Coffer/Failed:1.0"} {
        return -code error -errorcode [list COFFER [dict get $members code]] \
            [dict get $members message]
    }
    if {[regexp {^IDL:omg.org/CORBA/(.+):1.0$} $exception -> name]} {
        switch $name {
            COMM_FAILURE - TRANSIENT - TIMEOUT {
                set what {unavailable "the server cannot be reached"}
            }
            OBJECT_NOT_EXIST { set what {gone "the object is no more; log in again"} }
            default { set what [list internal $name] }
        }
        return -code error -errorcode [list COFFER [lindex $what 0]] [lindex $what 1]
    }
    return -options $options $result
}

proc coffer::UserFolder {} {
    global env
    if {[info exists env(COFFER_CONFIG)]} { return $env(COFFER_CONFIG) }
    if {[info exists env(XDG_CONFIG_HOME)]} { return [file join $env(XDG_CONFIG_HOME) coffer] }
    return [file join $env(HOME) .config coffer]
}

proc coffer::SavedServer {} {
    variable folder
    if {[catch { set file [open [file join $folder session]] }]} {
        error "log in once with 'coffer login', so that there is a certificate"
    }
    set lines [split [read $file] \n]
    close $file
    return [lindex [split [lsearch -inline $lines "server *"]] 1]
}

# A TLS connection to the server, both sides proved. OpenSSL demands of the other side a certificate
# of the network's authority that may serve, which servers alone have.
proc coffer::Channel {} {
    variable server
    variable folder
    regexp {^\[?(.+?)\]?:(\d+)$} $server -> host port
    set identity [file join $folder client.pem]
    set channel [tls::socket -cafile [file join $folder authority.pem] -certfile $identity \
        -keyfile $identity -request 1 -require 1 -ssl2 0 -ssl3 0 -tls1 0 -tls1.1 0 -tls1.2 1 \
        -command coffer::Verified $host $port]
    if {[catch { tls::handshake $channel } problem]} {
        close $channel
        error "no trust between this script and $server: $problem"
    }
    return $channel
}

# What OpenSSL found stands; without this, the package would write to the terminal.
proc coffer::Verified {kind channel args} {
    if {$kind eq "verify"} { return [lindex $args 2] }
    return 1
}

# One connection for everything: all objects are reached where the server was, whatever address it
# knows of itself.
proc coffer::Connection {} {
    variable server
    upvar #0 ::Combat::IIOP::active_iiop_conns active
    if {[info exists active($server)] && ![$active($server) cget -broken]} {
        $active($server) ref
        return $active($server)
    }
    set channel [Channel]
    set active($server) \
        [namespace current]::[::Combat::IIOP::Conn #auto $channel $server 1 2 1]
}

proc coffer::CodeSets {} {
    variable codeSets
    if {![info exists codeSets]} {
        set utf8 83951617
        set utf16 65801
        set codeSets [namespace current]::[::Combat::CONV_FRAME::CodeSetInfo #auto]
        $codeSets configure -char_native_code_set $utf8 -wchar_native_code_set $utf16
    }
    return $codeSets
}

itcl::body ::Combat::IIOP::ProfileBody::connect {} {
    return [list [coffer::Connection] $object_key [coffer::CodeSets]]
}

package provide coffer 1.0
