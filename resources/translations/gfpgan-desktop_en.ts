<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>Closing</name>
    <message numerus="yes">
        <source>%n photo(s) closed.</source>
        <translation>
            <numerusform>%n photo closed.</numerusform>
            <numerusform>%n photos closed.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Collection</name>
    <message numerus="yes">
        <source> %n other photo(s) could not be used either.</source>
        <translation>
            <numerusform> %n other photo could not be used either.</numerusform>
            <numerusform> %n other photos could not be used either.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message numerus="yes">
        <source>Export %n photo(s)</source>
        <translation>
            <numerusform>Export %n photo</numerusform>
            <numerusform>Export %n photos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FacePanel</name>
    <message numerus="yes">
        <source>%n face(s)</source>
        <translation>
            <numerusform>%n face</numerusform>
            <numerusform>%n faces</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FacesPage</name>
    <message numerus="yes">
        <source>%n face(s) to learn from</source>
        <translation>
            <numerusform>%n face to learn from</numerusform>
            <numerusform>%n faces to learn from</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message numerus="yes">
        <source>%n model(s) checked: all are good.</source>
        <translation>
            <numerusform>%n model checked: all are good.</numerusform>
            <numerusform>%n models checked: all are good.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Outgoing</name>
    <message numerus="yes">
        <source>%n file(s) exported.</source>
        <translation>
            <numerusform>%n file exported.</numerusform>
            <numerusform>%n files exported.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PhotoStrip</name>
    <message numerus="yes">
        <source>%n photo(s)</source>
        <translation>
            <numerusform>%n photo</numerusform>
            <numerusform>%n photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restore all (%n)</source>
        <translation>
            <numerusform>Restore all (%n)</numerusform>
            <numerusform>Restore all (%n)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Try the failed again (%n)</source>
        <translation>
            <numerusform>Try the failed again (%n)</numerusform>
            <numerusform>Try the failed again (%n)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Restore selected (%n)</source>
        <translation>
            <numerusform>Restore selected (%n)</numerusform>
            <numerusform>Restore selected (%n)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n restored</source>
        <translation>
            <numerusform>%n restored</numerusform>
            <numerusform>%n restored</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n failed</source>
        <translation>
            <numerusform>%n failed</numerusform>
            <numerusform>%n failed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n minute(s) left</source>
        <translation>
            <numerusform>about %n minute left</numerusform>
            <numerusform>about %n minutes left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %n hour(s) left</source>
        <translation>
            <numerusform>about %n hour left</numerusform>
            <numerusform>about %n hours left</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message numerus="yes">
        <source>%n photo(s) were open the last time.</source>
        <translation>
            <numerusform>%n photo was open the last time.</numerusform>
            <numerusform>%n photos were open the last time.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of them were still to be restored.</source>
        <translation>
            <numerusform>%n of them was still to be restored.</numerusform>
            <numerusform>%n of them were still to be restored.</numerusform>
        </translation>
    </message>
</context>
</TS>
