# The Debian packages: `cpack` in the build folder, or scripts/package.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME coffer)
set(CPACK_PACKAGE_CONTACT "Coffer developers <coffer@localhost>")
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)  # for what goes to /etc
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL coffer-server coffer-store coffer-workstation-agent coffer-client coffer-solo)
set(CPACK_COMPONENTS_GROUPING IGNORE)  # a package for each component
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# coffer_package(COMPONENT SUMMARY LINE...) says what a package is for; it gets the scripts and
# the list of conffiles that lie in debian/COMPONENT.
macro(coffer_package COMPONENT)
  string(TOUPPER ${COMPONENT} UPPER)
  set(CPACK_DEBIAN_${UPPER}_PACKAGE_NAME ${COMPONENT})
  string(REPLACE ";" "\n" CPACK_COMPONENT_${UPPER}_DESCRIPTION "${ARGN}")
  file(GLOB SCRIPTS CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/debian/${COMPONENT}/*)
  if(SCRIPTS)
    set(CPACK_DEBIAN_${UPPER}_PACKAGE_CONTROL_EXTRA ${SCRIPTS})
  endif()
endmacro()

coffer_package(coffer-server
  "management server of the Coffer backup network"
  "Keeps the repositories, starts and watches backups, restores and"
  "verifications of all computers that have an agent, and decides who may"
  "do what.")
set(CPACK_DEBIAN_COFFER-SERVER_PACKAGE_DEPENDS "adduser, tzdata")
set(CPACK_DEBIAN_COFFER-SERVER_PACKAGE_RECOMMENDS coffer-client)

coffer_package(coffer-store
  "repositories of a Coffer server in a process of their own"
  "Serves the data of backups and restores beside coffer-server, under a"
  "user of its own and without the key of the network's authority, so that"
  "a restart of the server cuts no backup.")
set(CPACK_DEBIAN_COFFER-STORE_PACKAGE_DEPENDS "adduser, coffer-server")

coffer_package(coffer-workstation-agent
  "agent of the Coffer backup network"
  "Lets a Coffer server back up and restore the files of this computer,"
  "within the limits that this computer sets. Opens no port.")

coffer_package(coffer-client
  "command line of the Coffer backup network"
  "Works with a Coffer server: agents and their files, backups, snapshots,"
  "restores, repositories.")
set(CPACK_DEBIAN_COFFER-CLIENT_PACKAGE_SUGGESTS "tcl, tcl-combat, tcl-tls")

coffer_package(coffer-solo
  "backups of one computer, without a network"
  "Deduplicated, compressed and encrypted backups of one computer into a"
  "folder, and coffer-rescue, which restores with nothing but that folder"
  "and its recovery kit.")

include(CPack)
